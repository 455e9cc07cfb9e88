import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { keysOf } from '../../server/redis/names'
import { createTestClass, type Stores, startStores, toRegister } from '../support/class-processes'
import { eventually } from '../support/eventually'

let stores: Stores
beforeAll(async () => {
  stores = await startStores()
})
afterEach(() => stores.endProcesses())
afterAll(() => stores?.stop())

async function archived(classId: string, seq: number) {
  await eventually(`fact ${seq} is archived`, async () => {
    const { rows } = await stores.db.query('select seq from class_positions where class_id = $1', [classId])
    return rows[0]?.seq >= seq
  })
}

test('a stream that was emptied under its head: who remembers goes on, who comes later has it from Postgres', async () => {
  const first = await stores.start()
  const { classId } = await createTestClass(first)
  for (const person of ['a', 'b', 'c']) await first.submit(classId, toRegister(person))
  await archived(classId, 4)
  await stores.raw.del(keysOf(classId).log)
  expect(await first.submit(classId, toRegister('d'))).toMatchObject({ ok: true, seq: 5 })
  await archived(classId, 5)
  await first.close()
  await stores.raw.del(keysOf(classId).log)
  const second = await stores.start()
  await eventually('the class goes on', async () => (await second.submit(classId, toRegister('e'))).ok)
  const followed = await second.follow(classId)
  expect(followed?.state.people.size).toBe(5)
  await archived(classId, followed?.head.seq ?? 0)
})
