import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import type { ClassLogs } from '../../server/log/class-logs'
import { createTokens } from '../../server/people/tokens'
import {
  addPerson,
  connectClient,
  createClass,
  refusalOf,
  startGateway,
  startLogs,
  submit,
  type TestGateway,
} from '../support/gateway'
import { startRedis, type TestRedis } from '../support/redis'

let redis: TestRedis
let logs: ClassLogs
let gateway: TestGateway
let classId: string
const teacher = { kind: 'person', personId: 'per_teacher' } as const

beforeAll(async () => {
  redis = await startRedis()
  logs = await startLogs(redis.url)
  gateway = await startGateway(logs, { origins: ['https://class.example'] })
  classId = await createClass(logs)
})
afterAll(async () => {
  await gateway?.stop()
  await logs?.close()
  await redis?.stop()
})

const refused = async (auth: object, options = {}) => refusalOf(connectClient(gateway.url, auth, options))
const auth = async (personId: string, more = {}) => ({
  token: await gateway.token(classId, personId),
  protocol: 1,
  ...more,
})

test('[GATE1] who has a good token gets a snapshot, then you', async () => {
  const client = connectClient(gateway.url, await auth('per_teacher'))
  await client.until((c) => c.you !== null)
  expect(client.frames.map(({ event }) => event).slice(0, 2)).toEqual(['snapshot', 'you'])
  expect(client.you).toMatchObject({
    personId: 'per_teacher',
    role: 'teacher',
    tier: 'seat',
    audience: 'staff',
  })
  expect(client.you?.livekit).toEqual({ url: gateway.url.replace('http', 'ws'), token: 'livekit-token' })
  expect(client.you).not.toHaveProperty('connect')
  client.close()
})

test('[GATE2] a missing, foreign, expired or otherwise wrong token is refused with a code', async () => {
  const foreign = createTokens(['other-secret'], () => logs.now())
  const ours = createTokens(['test-secret'], () => logs.now())
  const claims = { cls: classId, sub: 'per_teacher', role: 'teacher', ver: 0 } as const
  expect(await refused({ protocol: 1 })).toMatchObject({ code: 'unauthorized', retryable: false })
  expect(await refused({ token: 'x', protocol: 1 })).toMatchObject({ code: 'unauthorized' })
  expect(await refused({ token: await foreign.signGateway(claims), protocol: 1 })).toMatchObject({
    code: 'unauthorized',
  })
  expect(await refused({ token: await ours.signPerson(claims), protocol: 1 })).toMatchObject({
    code: 'unauthorized',
  })
  const expired = await gateway.token(classId, 'per_teacher', -1000)
  expect(await refused({ token: expired, protocol: 1 })).toMatchObject({
    code: 'token_expired',
    retryable: true,
  })
})

test('[GATE3] another protocol version is refused', async () => {
  expect(await refused(await auth('per_teacher', { protocol: 2 }))).toMatchObject({
    code: 'protocol_version',
  })
})

test('[GATE4] nobody gets into a class that is not there, is over, or that they have not joined', async () => {
  const nowhere = await gateway.token('cls_nowhere', 'per_teacher')
  expect(await refused({ token: nowhere, protocol: 1 })).toMatchObject({ code: 'unknown_class' })
  expect(await refused(await auth('per_stranger'))).toMatchObject({ code: 'not_in_class', retryable: true })
  const over = await createClass(logs)
  await submit(logs, over, teacher, { name: 'class:end' })
  const token = await gateway.token(over, 'per_teacher')
  expect(await refused({ token, protocol: 1 })).toMatchObject({ code: 'class_ended', retryable: false })
})

test('[GATE5] who was removed stays outside', async () => {
  await addPerson(logs, classId, 'per_rude')
  await submit(logs, classId, teacher, { name: 'person:remove', personId: 'per_rude' })
  expect(await refused(await auth('per_rude'))).toMatchObject({ code: 'removed', retryable: false })
})

test('[GATE6] pages of foreign origins cannot connect, ours and programs can', async () => {
  const connects = async (origin: string) => {
    const client = connectClient(gateway.url, await auth('per_teacher'), { extraHeaders: { origin } })
    return (await refusalOf(client)).code === 'connected'
  }
  expect(await connects('https://evil.example')).toBe(false)
  expect(await connects('null')).toBe(false)
  expect(await connects('https://class.example')).toBe(true)
  expect(await connects(gateway.url)).toBe(true)
})

test('[GATE7] only the websocket transport is spoken', async () => {
  const polling = await fetch(`${gateway.url}/gateway/?EIO=4&transport=polling&t=${randomUUID()}`)
  expect(polling.status).toBe(400)
})

/** The chunks in which the bytes of a server come, from the end of the handshake on. */
async function readChunks(personId: string): Promise<string[]> {
  const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/gateway/?EIO=4&transport=websocket`)
  const [[response]] = await Promise.all([
    once(socket, 'upgrade') as Promise<[IncomingMessage]>,
    once(socket, 'message'),
  ])
  const chunks: string[] = []
  response.socket.on('data', (chunk) => chunks.push(String(chunk)))
  socket.send(`40${JSON.stringify(await auth(personId))}`)
  await expect.poll(() => chunks.join('').includes('42["counts"')).toBe(true)
  socket.terminate()
  return chunks
}

test('[GATE9] who comes to watch gets all there is to begin with at once, in its order', async () => {
  const full = await createClass(logs, { seats: 1 })
  for (const personId of ['per_seated', 'per_viewer']) await addPerson(logs, full, personId)
  const before = classId
  classId = full
  const [viewer, seated] = [await readChunks('per_viewer'), await readChunks('per_seated')]
  classId = before
  const order = (text = '') =>
    [...text.matchAll(/4(0\{"sid"|2\["snapshot"|2\["you"|2\["counts")/g)].map(([m]) => m)
  const all = ['40{"sid"', '42["snapshot"', '42["you"', '42["counts"']
  expect(order(viewer[0])).toEqual(all)
  // Where a token has to be made the rest comes later, and in the same order.
  expect(order(seated.join(''))).toEqual(all)
})

test('[GATE8] none of this is a fault', () => {
  expect(gateway.complaints).toEqual([])
})
