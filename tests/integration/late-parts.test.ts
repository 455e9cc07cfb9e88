import { createServer, type Server } from 'node:http'
import { io, type Socket } from 'socket.io-client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findFreePort } from '../../scripts/stack/ports'
import { type Amphi, compose } from '../../server/compose'
import { parseConfig, requireResolved } from '../../server/config'
import { createLogger } from '../../server/logger'
import { call, createTestClass, createTestPerson, startClass, type TestClass } from '../support/api'
import { eventually } from '../support/eventually'
import { startPostgres, type TestPostgres } from '../support/postgres'
import { startRedis, type TestRedis } from '../support/redis'
import { ADMIN_KEY, SECRET } from '../support/server'

/** One server of which all parts are away when it starts; they come in the wrong order, and go again one by one. */
let redis: TestRedis
let postgres: TestPostgres
let livekit: Server
let livekitPort: number
let amphi: Amphi
let server: { url: string }
let aClass: TestClass
let socket: Socket
const seen: string[] = []

beforeAll(async () => {
  ;[redis, postgres] = await Promise.all([startRedis(), startPostgres()])
  const databaseUrl = await postgres.createDatabase()
  livekit = createServer((_request, response) =>
    response.setHeader('Content-Type', 'application/json').end('{}'),
  )
  livekitPort = await findFreePort()
  await Promise.all([redis.kill(), postgres.halt()])
  const config = requireResolved(
    parseConfig({
      PORT: '0',
      ORIGIN_PORT: String(livekitPort), // the same stand-in
      DATABASE_URL: databaseUrl,
      REDIS_URL: redis.url,
      LIVEKIT_URL: `http://127.0.0.1:${livekitPort}`,
      LIVEKIT_API_KEY: 'devkey',
      LIVEKIT_API_SECRET: 'a-secret-for-tests-of-at-least-32-characters',
      SECRET_KEYS: SECRET,
      ADMIN_API_KEY: ADMIN_KEY,
      JOIN_LIMIT_PER_IP: '0',
      LOG_LEVEL: 'silent',
      NODE_ENV: 'test',
    }),
  )
  amphi = await compose(config, createLogger(config), { dev: false })
  server = { url: `http://127.0.0.1:${await amphi.listen()}` }
}, 60_000)
afterAll(async () => {
  socket?.close()
  await amphi?.close()
  await Promise.all([redis.stop(), postgres.stop(), stopLivekit()])
}, 60_000)

const startLivekit = () =>
  new Promise<void>((resolve) => livekit.listen(livekitPort, '127.0.0.1', () => resolve()))
const stopLivekit = () =>
  new Promise<void>((resolve) => {
    livekit.closeAllConnections()
    livekit.close(() => resolve())
  })

/** What `readyz` says is down. */
async function findDown(): Promise<string[]> {
  const answer = await fetch(`${server.url}/readyz`)
  const body = (await answer.json()) as { ready: boolean; dependencies: Record<string, { up: boolean }> }
  const down = Object.entries(body.dependencies).filter(([, { up }]) => !up)
  expect(answer.status).toBe(down.length === 0 ? 200 : 503)
  return down.map(([name]) => name).sort()
}
const untilDown = (...names: string[]) =>
  eventually(`down: ${names}`, async () => (await findDown()).join() === names.join(), 20_000)

type Ack = { ok: boolean; seq?: number; error?: { code: string } }
const say = (text: string): Promise<Ack> =>
  socket.timeout(15_000).emitWithAck('chat:send', { id: crypto.randomUUID(), text })

async function connect() {
  aClass = await createTestClass(server)
  await startClass(server, aClass)
  const { token } = await createTestPerson(server, aClass, { name: 'Ada', role: 'student' })
  const joined = await call(server, 'POST', `/classes/${aClass.id}/join`, { token })
  const gateway = joined.body.gateway as { token: string }
  const auth = { token: gateway.token, protocol: 1 }
  socket = io(server.url, { path: '/gateway', transports: ['websocket'], auth, reconnection: false })
  for (const event of ['connect', 'snapshot', 'resync', 'disconnect'])
    socket.on(event, () => seen.push(event))
  await eventually('the class is there', () => seen.includes('snapshot'))
}

test('a server starts without any of its parts, says so, and works when all are there', async () => {
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
  await untilDown('database', 'livekit', 'origin', 'redis')
  await startLivekit()
  await untilDown('database', 'redis')
  await postgres.resume()
  await untilDown('redis')
  await redis.restart()
  await untilDown()
  await connect()
  expect(await say('hello')).toMatchObject({ ok: true })
}, 60_000)

test('without the database the class goes on; its facts are there when it is back', async () => {
  await postgres.halt()
  await untilDown('database')
  expect(await say('nobody writes this down yet')).toMatchObject({ ok: true })
  await postgres.resume()
  await untilDown()
  const facts = async () =>
    JSON.stringify(
      (await call(server, 'GET', `/classes/${aClass.id}/facts?limit=100`, { token: ADMIN_KEY })).body,
    )
  await eventually('written', async () => (await facts()).includes('nobody writes this down yet'))
  expect(socket.connected).toBe(true)
}, 60_000)

test('without LiveKit and the origin sockets stay, and hands are raised', async () => {
  await stopLivekit()
  await untilDown('livekit', 'origin')
  expect(await say('I hear nobody')).toMatchObject({ ok: true })
  await startLivekit()
  await untilDown()
  expect(socket.connected).toBe(true)
}, 60_000)

test('without Redis sockets stay and commands are unavailable; a Redis that lost everything gets the class back', async () => {
  await redis.kill()
  await untilDown('redis')
  expect(await say('is anybody there?')).toMatchObject({ ok: false, error: { code: 'unavailable' } })
  expect(socket.connected).toBe(true)
  await redis.restart() // empty
  await untilDown()
  await eventually('a new epoch', () => seen.includes('resync'), 20_000)
  await eventually('commands are taken', async () => (await say('there you are')).ok, 20_000)
  expect(seen.filter((event) => event === 'connect')).toHaveLength(1)
  expect(seen).not.toContain('disconnect')
}, 90_000)
