import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { ClassLogs } from '../../server/log/class-logs'
import {
  addPerson,
  type Client,
  connectClient,
  createClass,
  refusalOf,
  startGateway,
  startLogs,
  submit,
  type TestGateway,
} from '../support/gateway'
import { startRedis, type TestRedis } from '../support/redis'

const teacher = { kind: 'person', personId: 'per_teacher' } as const

let redis: TestRedis
let logs: ClassLogs
let gateway: TestGateway
let classId: string
const clients: Client[] = []

beforeAll(async () => {
  redis = await startRedis()
  logs = await startLogs(redis.url)
  gateway = await startGateway(logs)
})
beforeEach(async () => {
  classId = await createClass(logs)
  await addPerson(logs, classId, 'per_ana')
})
afterEach(() => {
  for (const client of clients.splice(0)) client.close()
})
afterAll(async () => {
  await gateway?.stop()
  await logs?.close()
  await redis?.stop()
})

async function connect(personId: string): Promise<Client> {
  const client = connectClient(gateway.url, { token: await gateway.token(classId, personId), protocol: 1 })
  clients.push(client)
  await client.until((c) => c.you !== null)
  return client
}

const errorCode = async (answer: Promise<unknown>) =>
  ((await answer) as { error?: { code: string } }).error?.code

test('[CMD1] a command is acknowledged with the number of its fact, its resend with the same', async () => {
  const ana = await connect('per_ana')
  const id = randomUUID()
  const first = await ana.send('question:ask', { text: 'why?' }, id)
  expect(first).toMatchObject({ ok: true })
  await ana.send('chat:send', { text: 'in between' })
  expect(await ana.send('question:ask', { text: 'why?' }, id)).toEqual(first)
  ana.close()
  const back = await connect('per_ana')
  expect(await back.send('question:ask', { text: 'why?' }, id)).toEqual(first)
  const staff = await connect('per_teacher')
  expect(Object.values(staff.view?.requests ?? {})).toHaveLength(1)
})

test('[CMD2] a refusal says why, and what a student may not do is not done', async () => {
  const ana = await connect('per_ana')
  expect(await ana.send('class:end')).toMatchObject({
    ok: false,
    error: { code: 'not_allowed', retryable: false },
  })
  await ana.send('hand:raise')
  const again = await ana.send('question:ask', { text: 'a minute has not passed' })
  expect(again).toMatchObject({ ok: false, error: { code: 'rate_limited', retryable: true } })
  expect(again.ok === false && again.error.retryAfterMs).toBeGreaterThan(0)
})

test('[CMD3] the clock answers in server time', async () => {
  const ana = await connect('per_ana')
  const answer = await ana.socket.timeout(5000).emitWithAck('clock', { t0: 12.5 })
  expect(answer.t0).toBe(12.5)
  expect(Math.abs(answer.t1 - logs.now())).toBeLessThan(5000)
  expect(answer.t2).toBeGreaterThanOrEqual(answer.t1)
})

test('[CMD4] takeover asks the other connections of the same person to go', async () => {
  const laptop = await connect('per_ana')
  const phone = await connect('per_ana')
  const staff = await connect('per_teacher')
  expect(await phone.send('person:takeover')).toMatchObject({ ok: true })
  await laptop.until((c) => c.byes[0]?.code === 'taken_over' && !c.socket.connected)
  expect(phone.socket.connected && staff.socket.connected).toBe(true)
})

test('[HOST1] whatever a socket sends, it is answered or ignored, and everybody else goes on', async () => {
  const ana = await connect('per_ana')
  const ask = (name: string, ...args: unknown[]) =>
    errorCode(ana.socket.timeout(5000).emitWithAck(name, ...args))
  expect(await ask('class:create', { id: randomUUID() })).toBe('unknown_command')
  expect(await ask('__proto__', { id: randomUUID() })).toBe('unknown_command')
  expect(await ask('constructor')).toBe('unknown_command')
  expect(await ask('chat:send')).toBe('bad_payload')
  expect(await ask('chat:send', null)).toBe('bad_payload')
  expect(await ask('chat:send', 'x', 'y')).toBe('bad_payload')
  expect(await ask('chat:send', { id: randomUUID(), text: { $ne: 1 } })).toBe('bad_payload')
  expect(await ask('chat:send', { id: randomUUID(), text: 'x'.repeat(3000) })).toBe('bad_payload')
  expect(await ask('clock', { t0: 'x' })).toBe('bad_payload')
  ana.socket.emit('chat:send', { id: randomUUID(), text: 'without an ack' })
  await ana.until((c) => c.view?.chat.at(-1)?.text === 'without an ack')
  expect(({} as Record<string, unknown>).polluted).toBeUndefined()
})

/** What no Socket.IO client would send, on the connection itself. */
function sendRaw(client: Client, packet: string) {
  client.socket.io.engine.write(packet)
}

test('[HOST2] polluted, deep, malformed and huge packets end at most their own connection', async () => {
  const id = randomUUID()
  const packets = [
    `2["chat:send",{"id":"${id}","text":"hi","__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}]`,
    `2["chat:send",{"id":"${id}","text":${'['.repeat(20_000)}${']'.repeat(20_000)}}]`,
    '2["chat:send"',
    '2[]',
    '2[{"a":1}]',
    '2{"a":1}',
    '20["disconnect"]',
    '4["error"]',
    '999999999999',
    '51-["chat:send",{"_placeholder":true,"num":0}]',
    '2/other,["chat:send"]',
    `2["chat:send",{"id":"${id}","text":"${'x'.repeat(70_000)}"}]`,
  ]
  const bystander = await connect('per_teacher')
  for (const packet of packets) {
    const ana = await connect('per_ana')
    sendRaw(ana, packet)
    const goesOn = ana.socket.timeout(5000).emitWithAck('clock', { t0: 1 })
    const done = await Promise.race([
      new Promise((resolve) => ana.socket.once('disconnect', () => resolve('closed'))),
      goesOn.then(
        () => 'goes on',
        () => 'closed',
      ),
    ])
    expect(['closed', 'goes on'], packet.slice(0, 60)).toContain(done)
    ana.close()
  }
  expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  expect(await bystander.send('chat:send', { text: 'still here' })).toMatchObject({ ok: true })
  expect(gateway.complaints).toEqual([])
})

test('[FLOOD5] who sends too fast is told so, then closed, then kept outside for a while', async () => {
  const ana = await connect('per_ana')
  const bystander = await connect('per_teacher')
  // Some of these are too many also for a server that takes seconds to read them.
  const answers = Array.from({ length: 120 }, () => ana.send('chat:send', { text: 'spam' }))
  const codes = await Promise.all(answers.map(errorCode))
  expect(codes.slice(0, 40)).not.toContain('too_fast')
  expect(codes).toContain('too_fast')
  for (let i = 0; i < 10_000; i++) ana.socket.emit('chat:send', { id: randomUUID(), text: 'flood' })
  await ana.until((c) => c.byes.length > 0 && !c.socket.connected)
  expect(ana.byes).toMatchObject([{ code: 'flooding', retryable: true }])
  const token = await gateway.token(classId, 'per_ana')
  expect(await refusalOf(connectClient(gateway.url, { token, protocol: 1 }))).toMatchObject({
    code: 'flooding',
  })
  expect(await bystander.send('chat:send', { text: 'calm' })).toMatchObject({ ok: true })
})

test('[FLOOD6] packets that are no commands are counted, too', async () => {
  const ana = await connect('per_ana')
  for (let i = 0; i < 1000; i++) sendRaw(ana, '3[]')
  await ana.until((c) => c.byes[0]?.code === 'flooding' && !c.socket.connected)
})

test('[FLOOD8] nobody has sockets without end', async () => {
  const token = await gateway.token(classId, 'per_ana')
  const clients = Array.from({ length: 60 }, () => connectClient(gateway.url, { token, protocol: 1 }))
  await Promise.all(clients.map((client) => client.until((c) => c.you !== null || c.byes.length > 0)))
  expect(clients.filter(({ byes }) => byes[0]?.code === 'flooding')).toHaveLength(10)
  for (const client of clients) client.close()
})

test('[BYE1] who is removed is told so and closed; everybody else hears of it', async () => {
  const ana = await connect('per_ana')
  const staff = await connect('per_teacher')
  await submit(logs, classId, teacher, { name: 'person:remove', personId: 'per_ana' })
  await ana.until((c) => c.byes[0]?.code === 'removed' && !c.socket.connected)
  expect(ana.byes[0]?.retryable).toBe(false)
  await staff.until((c) => c.facts.some(({ type }) => type === 'person.removed'))
})

test('[BYE2] who leaves is closed on all their connections', async () => {
  const [first, second] = [await connect('per_ana'), await connect('per_ana')]
  await submit(logs, classId, { kind: 'person', personId: 'per_ana' }, { name: 'person:leave' })
  for (const client of [first, second]) await client.until((c) => c.byes[0]?.code === 'left')
})

test('[BYE3] the end of a class is seen before the line is cut, and commands are refused in words', async () => {
  const ana = await connect('per_ana')
  await submit(logs, classId, teacher, { name: 'class:end' })
  await ana.until((c) => c.view?.phase === 'ended')
  expect(await errorCode(ana.send('chat:send', { text: 'bye' }))).toBe('class_ended')
})

test('[BYE4] draining tells everybody when to come back, and lets nobody new in', async () => {
  const own = await startGateway(logs)
  const token = await own.token(classId, 'per_ana')
  const all = Array.from({ length: 5 }, () => connectClient(own.url, { token, protocol: 1 }))
  clients.push(...all)
  for (const client of all) await client.until((c) => c.you !== null)
  own.gateway.drain()
  for (const client of all) await client.until((c) => c.byes.length === 1 && !c.socket.connected)
  const pauses = all.map(({ byes }) => byes[0]?.retryAfterMs)
  expect(new Set(pauses).size).toBeGreaterThan(1)
  expect(all[0]?.byes[0]).toMatchObject({ code: 'draining', retryable: true })
  expect(await refusalOf(connectClient(own.url, { token, protocol: 1 }))).toMatchObject({ code: 'draining' })
  await own.stop()
})
