import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { toClassView } from '../../server/classroom/to-class-view'
import type { ClassLogs } from '../../server/log/class-logs'
import { eventually } from '../support/eventually'
import {
  addPerson,
  type Client,
  connectClient,
  createClass,
  startGateway,
  startLogs,
  submit,
  type TestGateway,
} from '../support/gateway'
import { startRedis, type TestRedis } from '../support/redis'

const teacher = { kind: 'person', personId: 'per_teacher' } as const
const student = (personId: string) => ({ kind: 'person', personId }) as const

let redis: TestRedis
/** Two processes: their gateways, each with a log of its own on the same Redis. */
const logs: ClassLogs[] = []
const gateways: TestGateway[] = []
const clients: Client[] = []

beforeAll(async () => {
  redis = await startRedis()
  for (let i = 0; i < 2; i++) {
    const log = await startLogs(redis.url)
    logs.push(log)
    gateways.push(await startGateway(log))
  }
})
afterEach(() => {
  for (const client of clients.splice(0)) client.close()
})
afterAll(async () => {
  for (const gateway of gateways) await gateway.stop()
  for (const log of logs) await log.close()
  await redis?.stop()
})

async function connect(
  process: 0 | 1,
  classId: string,
  personId: string,
  resume?: Client['position'],
): Promise<Client> {
  const gateway = gateways[process] as TestGateway
  const token = await gateway.token(classId, personId)
  const client = connectClient(gateway.url, { token, protocol: 1, ...(resume && { resume }) })
  clients.push(client)
  await client.until((c) => c.you !== null)
  return client
}

async function createFullClass(): Promise<{ log: ClassLogs; classId: string }> {
  const log = logs[0] as ClassLogs
  const classId = await createClass(log, { languages: ['en', 'de'], seats: 1 })
  await addPerson(log, classId, 'per_ana')
  await addPerson(log, classId, 'per_ben')
  await addPerson(log, classId, 'per_cem', 'student', 'de')
  return { log, classId }
}

/** What only staff may see, said by every door there is. */
async function makeTrouble(log: ClassLogs, classId: string) {
  await submit(log, classId, student('per_ana'), { name: 'question:ask', text: 'STAFFONLY question' })
  await submit(log, classId, student('per_cem'), { name: 'hand:raise', text: 'STAFFONLY hand' })
  await submit(log, classId, teacher, { name: 'stage:invite', personId: 'per_ana', grade: 'audio' })
  await submit(log, classId, student('per_ben'), { name: 'chat:send', text: 'hello everybody' })
  await submit(log, classId, teacher, {
    name: 'screen:show',
    text: 'Look here',
    language: 'en',
    translations: { de: 'Schaut her' },
  })
}

async function settle(log: ClassLogs, classId: string, all: Client[]) {
  const mark = `mark ${Math.random()}`
  await submit(log, classId, teacher, { name: 'chat:send', text: mark })
  await Promise.all(all.map((client) => client.until((c) => c.view?.chat.at(-1)?.text === mark)))
}

/** Every key and string of a value, however deep. */
function* walk(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value
  if (typeof value !== 'object' || value === null) return
  for (const [key, inner] of Object.entries(value)) {
    yield key
    yield* walk(inner)
  }
}

test('[VIEW1] snapshot and facts join without a hole, for staff and for students of two languages', async () => {
  const { log, classId } = await createFullClass()
  const all = [
    await connect(0, classId, 'per_teacher'),
    await connect(0, classId, 'per_ana'),
    await connect(1, classId, 'per_ben'),
    await connect(1, classId, 'per_cem'),
  ]
  await makeTrouble(log, classId)
  await settle(log, classId, all)
  const followed = await log.follow(classId)
  for (const client of all) {
    expect(client.holes).toEqual([])
    expect(client.snapshots).toBe(1)
    const audience = client.you?.audience ?? 'staff'
    expect(client.view).toEqual(JSON.parse(JSON.stringify(toClassView(followed?.state ?? fail(), audience))))
  }
})

function fail(): never {
  throw new Error('the class is not followed')
}

test('[VIEW2] each audience reads its own language, and no student what only staff may know', async () => {
  const { log, classId } = await createFullClass()
  const staff = await connect(0, classId, 'per_teacher')
  const english = await connect(0, classId, 'per_ben')
  const german = await connect(0, classId, 'per_cem')
  await makeTrouble(log, classId)
  await settle(log, classId, [staff, english, german])
  const late = await connect(1, classId, 'per_ben')
  expect(staff.view?.screen).toMatchObject({ translations: { de: 'Schaut her' } })
  expect(german.view?.screen?.translation).toEqual({ text: 'Schaut her', language: 'de' })
  expect(english.view?.screen).not.toHaveProperty('translation')
  for (const client of [english, german, late]) {
    const words = new Set(
      client.frames.flatMap(({ event, payload }) => (event === 'you' ? [] : [...walk(payload)])),
    )
    for (const secret of [
      'people',
      'invitations',
      'translations',
      'cause',
      'request.made',
      'stage.invited',
      'person.joined',
    ]) {
      expect(words.has(secret), secret).toBe(false)
    }
    expect([...words].filter((word) => word.includes('STAFFONLY'))).toEqual([])
  }
})

for (const other of [0, 1] as const) {
  test(`[RES1] a resume in ${other === 0 ? 'the same' : 'another'} process brings exactly what was missed`, async () => {
    const { log, classId } = await createFullClass()
    for (const personId of ['per_teacher', 'per_ben']) {
      const first = await connect(0, classId, personId)
      await settle(log, classId, [first])
      first.close()
      const position = first.position
      await submit(log, classId, teacher, { name: 'chat:send', text: 'missed' })
      await submit(log, classId, teacher, { name: 'class:quiet', on: true })
      const { seq } = await submit(log, classId, teacher, { name: 'class:quiet', on: false })
      const there = await logs[other]?.follow(classId)
      await eventually('the process has all of it', () => (there?.head.seq ?? 0) >= seq)
      const back = await connect(other, classId, personId, position)
      back.view = first.view
      expect(back.frames[0]?.event).toBe('facts')
      expect(back.snapshots).toBe(0)
      expect(back.holes).toEqual([])
      expect(back.facts.map(({ type }) => type)).toEqual(['chat.sent', 'class.quieted', 'class.quieted'])
      await submit(log, classId, teacher, { name: 'chat:send', text: 'live' })
      await back.until((c) => c.facts.at(-1)?.type === 'chat.sent' && c.facts.length === 4)
      expect(back.holes).toEqual([])
      back.close()
    }
  })
}

test('[RES2] a process that meets the class for the first time resumes a student who saw little of it', async () => {
  const { log, classId } = await createFullClass()
  const first = await connect(0, classId, 'per_ben')
  await submit(log, classId, teacher, { name: 'chat:send', text: 'one' })
  await first.until((c) => c.facts.length === 1)
  first.close()
  await makeTrouble(log, classId)
  await addPerson(log, classId, 'per_dia')
  const back = await connect(1, classId, 'per_ben', first.position)
  expect(back.snapshots).toBe(0)
  expect(back.facts.map(({ type }) => type)).toEqual(['chat.sent', 'screen.shown'])
  await settle(log, classId, [])
  await back.until((c) => c.facts.length === 3)
  expect(back.holes).toEqual([])
})

test('[RES3] a position of another epoch, or out of thin air, gets a snapshot', async () => {
  const { classId } = await createFullClass()
  const foreign = await connect(0, classId, 'per_ben', { epoch: 99, seq: 3 })
  expect(foreign.snapshots).toBe(1)
  const ahead = await connect(0, classId, 'per_ben', { epoch: foreign.position?.epoch ?? 1, seq: 1_000_000 })
  expect(ahead.snapshots).toBe(1)
})

test('[RES4] who missed a frame resumes on the same connection', async () => {
  const { log, classId } = await createFullClass()
  const client = await connect(0, classId, 'per_ben')
  await settle(log, classId, [client])
  const position = client.position
  await settle(log, classId, [client])
  const seen = client.frames.length
  client.position = position
  expect(await client.socket.timeout(5000).emitWithAck('resume', position)).toMatchObject({ ok: true })
  await client.until((c) => c.frames.slice(seen).some(({ event }) => event === 'you'))
  expect(client.frames.slice(seen).find(({ event }) => event === 'facts')?.payload).toMatchObject({
    after: position?.seq,
  })
  expect(await client.socket.timeout(5000).emitWithAck('resume', 'nonsense')).toMatchObject({ ok: false })
})

test('[RES6] what was seen before the audience changed is no ground to resume on', async () => {
  const { log, classId } = await createFullClass()
  const client = await connect(0, classId, 'per_ben')
  await settle(log, classId, [client])
  client.close()
  await submit(log, classId, teacher, { name: 'person:role', personId: 'per_ben', role: 'assistant' })
  const back = await connect(1, classId, 'per_ben', client.position)
  expect(back.snapshots).toBe(1)
  expect(back.you?.audience).toBe('staff')
})

test('[RES5] a snapshot is as of the last fact that its audience may see, in every process', async () => {
  const { log, classId } = await createFullClass()
  await submit(log, classId, teacher, { name: 'chat:send', text: 'visible' })
  const visible = (await log.follow(classId))?.head.seq
  await submit(log, classId, student('per_ana'), { name: 'question:ask', text: 'not visible to students' })
  for (const process of [0, 1] as const) {
    const client = await connect(process, classId, 'per_ben')
    expect(client.frames[0]).toMatchObject({ event: 'snapshot', payload: { seq: visible } })
  }
})

test('[YOU1] what concerns one person reaches all their connections, and nobody else', async () => {
  const { log, classId } = await createFullClass()
  const ana = [await connect(0, classId, 'per_ana'), await connect(1, classId, 'per_ana')]
  const ben = await connect(0, classId, 'per_ben')
  const seen = ben.frames.filter(({ event }) => event === 'you').length
  await submit(log, classId, teacher, { name: 'stage:invite', personId: 'per_ana', grade: 'audio' })
  for (const client of ana) await client.until((c) => c.you?.invitation?.grade === 'audio')
  await settle(log, classId, [ben])
  expect(ben.frames.filter(({ event }) => event === 'you')).toHaveLength(seen)
})

test('[YOU2] who becomes an assistant is told everything staff may know, who is one no more is not', async () => {
  const { log, classId } = await createFullClass()
  const ben = await connect(1, classId, 'per_ben')
  expect(ben.view).not.toHaveProperty('people')
  await submit(log, classId, teacher, { name: 'person:role', personId: 'per_ben', role: 'assistant' })
  await ben.until((c) => c.you?.audience === 'staff' && c.view?.people !== undefined)
  await submit(log, classId, teacher, { name: 'person:role', personId: 'per_ben', role: 'student' })
  await ben.until((c) => c.you?.audience === 'student:en' && c.view?.people === undefined)
  await submit(log, classId, student('per_ana'), { name: 'question:ask', text: 'STAFFONLY question' })
  await settle(log, classId, [ben])
  expect(JSON.stringify(ben.frames)).not.toContain('STAFFONLY')
  expect(ben.holes).toEqual([])
})

test('[COUNT1] the numbers come to whoever comes, and again only when they changed', async () => {
  const { log, classId } = await createFullClass()
  const staff = await connect(0, classId, 'per_teacher')
  const ben = await connect(0, classId, 'per_ben')
  await staff.until((c) => c.counts !== null)
  await ben.until((c) => c.counts !== null)
  expect(staff.counts).toMatchObject({ seats: { limit: 1, held: 1, offered: 0 }, overflow: 2, waiting: 0 })
  await submit(log, classId, student('per_ben'), { name: 'question:ask', text: 'why?' })
  await staff.until((c) => c.counts?.requests === 1)
  expect(staff.frames.filter(({ event }) => event === 'counts')).toHaveLength(2)
})

test('[COUNT2] staff see how the broadcast is, over all processes', async () => {
  const { classId } = await createFullClass()
  const staff = await connect(0, classId, 'per_teacher')
  const ben = await connect(0, classId, 'per_ben')
  const cem = await connect(1, classId, 'per_cem')
  await ben.send('playback:report', { delayMs: 1500, stalls: 0, level: 2, following: true })
  await cem.send('playback:report', { delayMs: 1500, stalls: 1, level: 0, following: true })
  await staff.until((c) => c.counts?.playback?.viewers === 2)
  expect(staff.counts?.playback).toEqual({ viewers: 2, delayP50Ms: 1500, stalledShare: 0.5 })
  expect(JSON.stringify(ben.frames)).not.toContain('playback')
})

test('[VIEW3] none of this is a fault', () => {
  expect(gateways.flatMap(({ complaints }) => complaints)).toEqual([])
})

test('[EPOCH1] after a store that lost its history everybody is told to forget, and gets the class anew', async () => {
  const { log, classId } = await createFullClass()
  const staff = await connect(0, classId, 'per_teacher')
  const ben = await connect(1, classId, 'per_ben')
  await settle(log, classId, [staff, ben])
  const before = ben.position
  const store = new Redis(redis.url)
  await store.flushall()
  store.disconnect()
  for (const client of [staff, ben]) {
    await client.until((c) => c.position !== null && c.position.epoch > (before?.epoch ?? 0))
    const events = client.frames.map(({ event }) => event)
    expect(events.lastIndexOf('snapshot')).toBe(events.indexOf('resync') + 1)
  }
  await settle(log, classId, [staff, ben])
  expect([...staff.holes, ...ben.holes]).toEqual([])
  const back = await connect(1, classId, 'per_ben', before)
  expect(back.snapshots).toBe(1)
})
