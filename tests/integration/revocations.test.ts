import { afterAll, beforeAll, expect, test } from 'vitest'
import { createRevocations } from '../../server/people/revocations'
import { revokeRemoved } from '../../server/people/revoke-removed'
import { connectRedis } from '../../server/redis/connect'
import { revokedKey } from '../../server/redis/names'
import { by, createTestClass, type Stores, silent, startStores, toRegister } from '../support/class-processes'
import { eventually } from '../support/eventually'

let stores: Stores
beforeAll(async () => {
  stores = await startStores()
})
afterAll(() => stores.stop())

test('a revocation that Redis has lost, and nothing else, is there again when Redis is, under the same leader', async () => {
  const logs = await stores.start()
  const redis = connectRedis(stores.redis.url, silent)
  const stop = revokeRemoved(logs, createRevocations(redis), redis, silent)
  const { classId, followed } = await createTestClass(logs)
  await logs.submit(classId, toRegister('t', 'teacher'))
  await logs.submit(classId, toRegister('s'))
  await logs.submit(classId, by('t', { name: 'person:remove', personId: 's' }))
  const isRevoked = async () => (await stores.raw.hget(revokedKey, 's')) === '1'
  await eventually('it is written', isRevoked)
  const { head } = followed
  const led: boolean[] = []
  followed.listen((event) => event.kind === 'lead' && led.push(event.leading))

  await stores.raw.hdel(revokedKey, 's')
  await stores.raw.client('KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
  await eventually('it is written again', isRevoked)
  expect([followed.head, led]).toEqual([head, []])
  stop()
  redis.disconnect()
})
