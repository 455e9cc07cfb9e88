import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { evolve } from '../../server/classroom/evolve'
import type { ClassLogs } from '../../server/log/class-logs'
import { classRules } from '../../server/log/rules'
import { keysOf } from '../../server/redis/names'
import {
  addPerson,
  connectClient,
  createClass,
  startGateway,
  startLogs,
  type TestGateway,
} from '../support/gateway'
import { startRedis, type TestRedis } from '../support/redis'

let redis: TestRedis
let logs: ClassLogs
let gateway: TestGateway
beforeAll(async () => {
  redis = await startRedis()
  logs = await startLogs(redis.url)
  gateway = await startGateway(logs)
})
afterAll(async () => {
  await gateway?.stop()
  await logs?.close()
  await redis?.stop()
})

test('who left by a fact that only a new epoch tells of is sent away, everybody else gets the class anew', async () => {
  const classId = await createClass(logs)
  for (const person of ['per_ana', 'per_ben']) await addPerson(logs, classId, person)
  const connect = async (person: string) => {
    const client = connectClient(gateway.url, { token: await gateway.token(classId, person), protocol: 1 })
    await client.until((c) => c.you !== null)
    return client
  }
  const [ana, ben] = [await connect('per_ana'), await connect('per_ben')]
  const followed = await logs.follow(classId)
  if (!followed) throw new Error('no class')

  const { head, state } = followed
  const left = { type: 'person.left', personId: 'per_ana', reason: 'left' } as const
  const after = evolve(state, { ...left, seq: head.seq + 1, at: state.at, v: 1 })
  const next = { epoch: head.epoch + 1, seq: after.seq, nonce: randomUUID() }
  const checkpoint = { version: classRules.stateVersion, head: next, state: after }
  const keys = keysOf(classId)
  const raw = new Redis(redis.url)
  await raw
    .multi()
    .del(keys.log)
    .set(keys.checkpoint, JSON.stringify(checkpoint))
    .hset(keys.head, { ...next, base: next.seq, base_nonce: next.nonce, checkpoint: next.seq })
    .exec()
  raw.disconnect()

  await ana.until((c) => c.byes[0]?.code === 'left' && !c.socket.connected)
  await ben.until((c) => c.position?.epoch === next.epoch)
  expect(ben.frames.map(({ event }) => event)).toContain('resync')
  expect(ben.socket.connected).toBe(true)
  ben.close()
})
