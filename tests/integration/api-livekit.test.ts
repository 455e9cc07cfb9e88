import { once } from 'node:events'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { io } from 'socket.io-client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDirectorySource } from '../../egress/origin/directory-source'
import { createOrigin, type Origin } from '../../egress/origin/origin'
import { waitUntil } from '../../scripts/stack/wait-until'
import { createTokens } from '../../server/people/tokens'
import { call, createTestClass, createTestPerson, startClass, type TestClass } from '../support/api'
import { testLogger } from '../support/class-rig'
import { startLivekit, type TestLivekit } from '../support/livekit'
import { startRedis, type TestRedis } from '../support/redis'
import { SECRET, startServer, type TestServer } from '../support/server'

const SOON_MS = 10_000
const PATIENCE_MS = 60_000

let redis: TestRedis
let livekit: TestLivekit
let server: TestServer
let origin: Origin & { url: string }
const tokens = createTokens([SECRET], Date.now)
beforeAll(async () => {
  redis = await startRedis()
  livekit = await startLivekit(redis.url)
  const { url, apiKey, apiSecret } = livekit
  server = await startServer({ LIVEKIT_URL: url, LIVEKIT_API_KEY: apiKey, LIVEKIT_API_SECRET: apiSecret })
  const started = await createOrigin({
    redisUrl: server.redis.url,
    source: createDirectorySource(tmpdir()),
    tokens,
    logger: testLogger,
    port: 0,
    now: Date.now,
  })
  origin = { ...started, url: `http://127.0.0.1:${started.port}` }
}, PATIENCE_MS)
afterAll(async () => {
  await origin.close()
  await server.stop()
  await livekit.stop()
  await redis.stop()
})

async function readCode(url: string): Promise<[number, string]> {
  const answer = await fetch(url)
  return [answer.status, (await answer.json()).code]
}

async function join(aClass: TestClass, role: string) {
  const person = await createTestPerson(server, aClass, { name: 'Ada', role })
  const path = `/classes/${aClass.id}/join`
  const { body } = await call(server, 'POST', path, { token: person.token })
  return {
    ...person,
    body: body as { livekit: { url: string; token: string }; gateway: { url: string; token: string } },
  }
}

test('LiveKit lets in whoever has a seat, by the URL and token of their join', async () => {
  const aClass = await createTestClass(server)
  await startClass(server, aClass)
  const { body } = await join(aClass, 'student')
  const validate = `${body.livekit.url.replace('ws', 'http')}/rtc/validate?access_token=`
  expect(await (await fetch(validate + body.livekit.token)).text()).toBe('success')
  expect((await fetch(`${validate}made.up.token`)).status).toBe(401)
})

test('LiveKit’s signalling passes through the same address, in both directions', async () => {
  const aClass = await createTestClass(server)
  const { body } = await join(aClass, 'teacher')
  const { host, hostname, port, pathname } = new URL(body.livekit.url)
  const socket = connect(Number(port), hostname)
  const path = `${pathname}/rtc?access_token=${body.livekit.token}&protocol=15&auto_subscribe=1&sdk=js&version=2.0.0`
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
  )
  let received = ''
  socket.on('data', (chunk) => {
    received += chunk.toString('latin1')
  })
  // LiveKit greets with a JoinResponse, which names the room.
  expect(await waitUntil(async () => received.includes(aClass.id), SOON_MS)).toBe(true)
  expect(received).toMatch(/^HTTP\/1\.1 101/)
  socket.destroy()
  await once(socket, 'close')
})

test('whoever is removed has no token that opens anything', async () => {
  const aClass = await createTestClass(server)
  await startClass(server, aClass)
  const [teacher, eve] = [await join(aClass, 'teacher'), await join(aClass, 'student')]
  const watched = `${origin.url}/${tokens.signWatch({ cls: aClass.id, sub: eve.personId, ver: 0 })}/${aClass.id}/index.m3u8`
  expect(await readCode(watched)).toEqual([404, 'broadcast_not_started'])
  const socket = io(teacher.body.gateway.url, {
    path: '/gateway',
    transports: ['websocket'],
    auth: { token: teacher.body.gateway.token, protocol: 1 },
  })
  const answer = await socket.emitWithAck('person:remove', {
    id: crypto.randomUUID(),
    personId: eve.personId,
  })
  socket.close()
  expect(answer).toMatchObject({ ok: true })
  const again = await call(server, 'POST', `/classes/${aClass.id}/join`, { token: eve.token })
  expect(again).toMatchObject({ status: 403, body: { code: 'removed' } })
  await expect.poll(() => readCode(watched), { timeout: SOON_MS }).toEqual([403, 'token_revoked'])
})
