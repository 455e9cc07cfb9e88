import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { ClassLogs } from '../../server/log/class-logs'
import {
  addPerson,
  type Client,
  connectClient,
  createClass,
  startGateway,
  startLogs,
  type TestGateway,
} from '../support/gateway'
import { startRedis, type TestRedis } from '../support/redis'

/** Short, but longer than what a busy machine takes to connect again. */
const limits = { graceMs: 2000, silenceMs: 1500 }

let redis: TestRedis
const logs: ClassLogs[] = []
const gateways: TestGateway[] = []
const clients: Client[] = []

beforeAll(async () => {
  redis = await startRedis()
  for (let i = 0; i < 2; i++) {
    const log = await startLogs(redis.url)
    logs.push(log)
    gateways.push(await startGateway(log, { presenceLimits: limits }))
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

async function connect(process: 0 | 1, classId: string, personId: string): Promise<Client> {
  const gateway = gateways[process] as TestGateway
  const client = connectClient(gateway.url, { token: await gateway.token(classId, personId), protocol: 1 })
  clients.push(client)
  await client.until((c) => c.you !== null)
  return client
}

/** The first counts come within a second of coming: by then the leader has been told who is here. */
async function beKnown(...all: Client[]) {
  await Promise.all(all.map((client) => client.until((c) => c.counts !== null)))
}

const left = (client: Client) =>
  client.facts.flatMap((fact) => (fact.type === 'person.left' ? [`${fact.personId} ${fact.reason}`] : []))

test('[PRES7] who is gone for longer than the grace has left, and their seat goes to the next', async () => {
  const [log] = logs as [ClassLogs]
  const classId = await createClass(log, { seats: 1 })
  await addPerson(log, classId, 'per_ana')
  await addPerson(log, classId, 'per_ben')
  const staff = await connect(0, classId, 'per_teacher')
  const ana = await connect(1, classId, 'per_ana')
  const ben = await connect(0, classId, 'per_ben')
  expect([ana.you?.tier, ben.you?.tier]).toEqual(['seat', 'overflow'])
  await beKnown(ana, ben)
  ana.close()
  await staff.until((c) => left(c).length > 0)
  expect(left(staff)).toEqual(['per_ana gone'])
  await ben.until((c) => c.you?.seat?.state === 'offered')
})

test('[PRES8] coming back within the grace, on any process, is not leaving', async () => {
  const [log] = logs as [ClassLogs]
  const classId = await createClass(log)
  await addPerson(log, classId, 'per_ana')
  await addPerson(log, classId, 'per_ben')
  const staff = await connect(0, classId, 'per_teacher')
  const ben = await connect(0, classId, 'per_ben')
  const ana = await connect(0, classId, 'per_ana')
  await beKnown(ana, ben)
  ana.close()
  const back = await connect(1, classId, 'per_ana')
  ben.close()
  // Ben went after Ana: by the time that he is gone, she would be.
  await staff.until((c) => left(c).length > 0)
  expect(left(staff)).toEqual(['per_ben gone'])
  expect(back.socket.connected).toBe(true)
})

test('[PRES9] who joined and never connected is gone after the grace; being in LiveKit is being there', async () => {
  const [log] = logs as [ClassLogs]
  const classId = await createClass(log)
  await addPerson(log, classId, 'per_never')
  await addPerson(log, classId, 'per_livekit')
  const staff = await connect(1, classId, 'per_teacher')
  const seen = setInterval(() => {
    for (const { gateway } of gateways) gateway.presence.seen(classId, ['per_livekit'])
  }, limits.silenceMs / 3)
  await staff.until((c) => left(c).length > 0)
  expect(left(staff)).toEqual(['per_never gone'])
  clearInterval(seen)
  await staff.until((c) => left(c).includes('per_livekit gone'))
})

test('[PRES10] a new leader asks who is there, and throws nobody out', async () => {
  const leader = await startLogs(redis.url)
  const leading = await startGateway(leader, { presenceLimits: limits })
  const classId = await createClass(leader)
  await addPerson(leader, classId, 'per_ana')
  await addPerson(leader, classId, 'per_ben')
  const staff = await connect(1, classId, 'per_teacher')
  const ana = await connect(1, classId, 'per_ana')
  await beKnown(staff, ana)
  await leading.stop()
  await leader.close()
  await staff.until((c) => left(c).length > 0)
  expect(left(staff)).toEqual(['per_ben gone'])
  expect(ana.socket.connected).toBe(true)
  expect(staff.view?.people?.per_ana?.tier).toBe('seat')
})

test('[PRES11] the people of a process that fell silent are gone after its silence and the grace', async () => {
  const [log] = logs as [ClassLogs]
  const own = await startLogs(redis.url)
  let silent = false
  const muted: ClassLogs = {
    ...own,
    publishToProcesses: async (topic, message) =>
      silent ? undefined : own.publishToProcesses(topic, message),
  }
  const gateway = await startGateway(muted, { presenceLimits: limits })
  const classId = await createClass(log)
  await addPerson(log, classId, 'per_ana')
  await addPerson(log, classId, 'per_ben')
  const staff = await connect(0, classId, 'per_teacher')
  const ana = connectClient(gateway.url, { token: await gateway.token(classId, 'per_ana'), protocol: 1 })
  clients.push(ana)
  await staff.until((c) => left(c).length > 0)
  expect(left(staff)).toEqual(['per_ben gone'])
  silent = true
  await staff.until((c) => left(c).length > 1)
  expect(left(staff)).toEqual(['per_ben gone', 'per_ana gone'])
  await ana.until((c) => c.byes[0]?.code === 'gone')
  await gateway.stop()
  await own.close()
})
