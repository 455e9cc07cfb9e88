import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createPool, type Db } from '../../db/pool'
import { keysOf } from '../../server/redis/names'
import { eventually } from '../support/eventually'
import { createServerEnvironment, type ServerEnvironment } from '../support/server'
import { createClassroom } from './classroom'
import type { Follower } from './follower'
import { findGap } from './laws'
import { type RunningServer, ServerProcesses } from './server-processes'
import { readStory, type Story } from './story'

/** Below what one person may send with two devices: 20 commands a second. */
const PAUSE_MS = 110
const COMMANDS_A_DEVICE = 40

let environment: ServerEnvironment
let servers: ServerProcesses
let redis: Redis
let db: Db
beforeAll(async () => {
  environment = await createServerEnvironment()
  servers = new ServerProcesses(environment.env)
  redis = new Redis(environment.redis.url)
  db = createPool(environment.databaseUrl, () => {})
  await servers.start()
})
afterAll(async () => {
  await servers?.stop()
  redis?.disconnect()
  await db?.end()
  await environment?.stop()
})

test('kill -9 of the leading process under load loses no acknowledged command, and doubles none', async () => {
  const { classId, people } = await createClassroom(() => servers.open)
  // There is one class only.
  const findLeader = async () => {
    const pages = await Promise.all(
      servers.open.map(async ({ url }) => (await fetch(`${url}/metrics`)).text()),
    )
    return servers.open[pages.findIndex((page) => /^amphi_classes_led [1-9]/m.test(page))]
  }
  const term = () => redis.hget(keysOf(classId).head, 'term')
  await servers.start()
  const devices = people.flatMap((person) => person.devices)
  await eventually('everybody is there', () => devices.every(({ connected }) => connected))
  // Half of them by way of the other process.
  for (const device of devices.filter((_, i) => i % 2 === 0)) device.cut()

  const acked = new Map<string, number>()
  let isKilled = false
  let acknowledgedBefore = 0
  async function talk(device: Follower) {
    for (let i = 0; i < COMMANDS_A_DEVICE; i++) {
      const id = randomUUID()
      const verdict = await device.send('chat:send', { text: `${device.name} ${i}` }, id)
      if (verdict.kind !== 'done') throw new Error(`${device.name}: ${JSON.stringify(verdict)}`)
      acked.set(id, verdict.seq)
      if (!isKilled) acknowledgedBefore += 1
      await wait(PAUSE_MS)
    }
  }
  const talking = Promise.all(devices.map(talk))
  await eventually('there is load', () => acknowledgedBefore > 100)
  let leader: RunningServer | undefined
  await eventually('one of them leads', async () => {
    leader = await findLeader()
    return leader !== undefined
  })
  const before = await term()
  if (leader) await servers.kill(leader)
  isKilled = true
  await talking

  let story: Story | undefined
  await eventually(
    'everybody sees what the log says',
    async () => {
      const telling = await readStory(redis, db, classId)
      if ('unlike' in telling) return false
      story = telling.story
      return people.every((person) =>
        person.devices.every((device) => findGap(device, person.personId, telling.story) === null),
      )
    },
    20_000,
  )
  expect(await term(), 'the process that was killed had led').not.toBe(before)
  const facts = story?.told.map(({ fact }) => fact) ?? []
  const inLog = facts.filter(({ cause }) => cause && acked.has(cause.id))
  expect(inLog).toHaveLength(devices.length * COMMANDS_A_DEVICE)
  expect(inLog.filter(({ cause, seq }) => acked.get(cause?.id ?? '') !== seq)).toEqual([])
  expect(story?.head.epoch).toBe(1)
  expect(devices.flatMap(({ faults }) => faults)).toEqual([])
}, 90_000)
