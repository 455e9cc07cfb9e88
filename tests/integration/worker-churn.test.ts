import type { ChildProcess } from 'node:child_process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { waitUntil } from '../../scripts/stack/wait-until'
import { newId } from '../../server/ids'
import { type BroadcastRig, startBroadcastRig } from '../support/broadcast-rig'
import { buildPublisher, makeFilms, startPublisher } from '../support/go-publisher'
import { type Churn, type Footprint, measureLeast, startAndStop, toLimit } from '../support/worker-churn'

const START_MS = 60_000
const TEST_MS = 180_000
const WAIT_MS = 30_000
/** A leak of one an egress is fifty; `npm run bench -- broadcast-churn` does a thousand. */
const STARTS = 50
const TOGETHER = 5
const SLACK = { count: 8, rssBytes: 25 * 2 ** 20 }

let rig: BroadcastRig
let publisher: ChildProcess
let churn: Churn
let goroutines = 0

beforeAll(async () => {
  rig = await startBroadcastRig({
    onLog: (line) => {
      if (typeof line.goroutines === 'number') goroutines = line.goroutines
    },
  })
  const [film] = await makeFilms(rig.broadcastDir, [{ width: 320, height: 180, bitsPerSecond: 100_000 }], 4)
  if (!film) throw new Error('no film')
  const classes = [await rig.createRoom(), await rig.createRoom()]
  const token = await rig.token(classes[0] ?? '', newId('per'), 'teacher')
  publisher = await startPublisher(await buildPublisher(), { url: rig.livekit.url, token }, [film])
  churn = { rig, classes, goroutines: () => goroutines }
}, START_MS)
afterAll(async () => {
  publisher?.kill()
  await rig?.stop()
}, START_MS)

test(
  'fifty starts and stops leave no file, child, goroutine, subscription or memory behind',
  async () => {
    await startAndStop(churn, 2 * TOGETHER, TOGETHER)
    const before = await measureLeast(churn)
    expect(before.children).toBe(0)
    const limit = toLimit(before, SLACK)
    await startAndStop(churn, STARTS, TOGETHER)
    const after = await measureLeast(churn, limit)
    for (const held of Object.keys(limit) as (keyof Footprint)[]) {
      expect(after[held], held).toBeLessThanOrEqual(limit[held])
    }
    const isNone = async () => (await rig.egress.listEgress({ active: true })).length === 0
    expect(await waitUntil(isNone, WAIT_MS)).toBe(true)
  },
  TEST_MS,
)
