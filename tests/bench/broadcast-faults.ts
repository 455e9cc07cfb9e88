import { createRandom } from '../../scripts/demo/random'
import { waitUntil } from '../../scripts/stack/wait-until'
import type { Crossing, Look } from '../load/readers/messages'
import { type FaultyClass, startFaultyClass } from './broadcast-faults-class'
import type { Standstill } from './picture-watch'
import { readIdle } from './process-cost'
import { quantile, report } from './report'

/** Kills of each kind: without and with a standby. */
const KILLS = Number(process.env.BENCH_KILLS ?? 50)
const KINDS = (process.env.BENCH_STANDBY ?? 'off,on').split(',')
/** Without Chromium the rest is light. */
const VIEWER = process.env.BENCH_VIEWER !== 'off'
/** All reads together; as many as a kill's share of ten million where nothing else is said. */
const READS = Number(process.env.BENCH_READS ?? (10_000_000 / 100) * KILLS * KINDS.length)
const SEED = Number(process.env.BENCH_SEED ?? Math.floor(Math.random() * 2 ** 31))
/** From kill to kill, as measured: so fast must be read that the reads are done with the kills. */
const KILL_SECONDS = { off: 6.5, on: 9 }
/** A run may die at its first part, or in its third segment. */
const LONGEST_CALM_MS = 5_000
/** By then the viewer's buffer is empty: a picture that first stands later does so for another reason. */
const KILL_SHOWS_MS = 5_000
/** After all is over the viewer's picture has long moved again. */
const VIEWER_STUCK_MS = 5_000
/** Whose picture stood so long would have gone, or loaded the page anew. */
const VIEWER_PATIENCE_MS = 15_000
const GAP_MS = { off: 4_000, on: 1_000 }
const PATIENCE_MS = 60_000
const LOOK_MS = 100

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const random = createRandom(SEED)

type Kill = { at: number; runId: string }
type Outcome = { kills: Kill[]; reads: number; look: Look; still: Standstill[]; viewerStuck: boolean }

async function until(room: FaultyClass, holds: (look: Look) => boolean): Promise<boolean> {
  const deadline = Date.now() + PATIENCE_MS
  while (Date.now() < deadline) {
    if (holds(await room.ask('look'))) return true
    await pause(LOOK_MS)
  }
  return false
}

async function killAgainAndAgain(room: FaultyClass, standby: boolean): Promise<Kill[]> {
  const kills: Kill[] = []
  const isCaughtUp = ({ readers }: Look) =>
    readers.every(
      ({ runId, parts }) => runId === readers[0]?.runId && parts > 0 && runId !== kills.at(-1)?.runId,
    )
  while (kills.length < KILLS) {
    if (!(await until(room, isCaughtUp))) {
      console.error('not all readers came to the next run')
      break
    }
    if (standby && !(await waitUntil(room.isWarm, PATIENCE_MS))) {
      console.error('no standby of another worker')
      break
    }
    await pause(random.next() * LONGEST_CALM_MS)
    kills.push(await room.killWriter())
    process.stderr.write(`\r${kills.length} of ${KILLS} kills`)
  }
  process.stderr.write('\n')
  await until(room, isCaughtUp)
  return kills
}

async function run(kind: 'off' | 'on'): Promise<Outcome> {
  const seconds = KILL_SECONDS[kind] * KILLS
  const reads = Math.ceil(
    (READS * KILL_SECONDS[kind]) / KINDS.reduce((sum, each) => sum + KILL_SECONDS[each as 'on'], 0),
  )
  const room = await startFaultyClass({
    standby: kind === 'on',
    viewer: VIEWER,
    perSecond: reads / seconds,
    reads,
  })
  try {
    const kills = await killAgainAndAgain(room, kind === 'on')
    const deadline = Date.now() + PATIENCE_MS + seconds * 1000
    while ((await room.ask('look')).floodReads < reads && Date.now() < deadline) await pause(LOOK_MS)
    const { newestAt, still } = (await room.stillness()) ?? { newestAt: Date.now(), still: [] }
    const viewerStuck = Date.now() - newestAt > VIEWER_STUCK_MS
    return { kills, reads, still, viewerStuck, look: await room.ask('end') }
  } finally {
    await room.stop()
  }
}

const toBench = (kind: 'off' | 'on') => `broadcast-faults-${kind === 'on' ? 'standby' : 'cold'}`

function tell(kind: 'off' | 'on', { kills, reads, look, still, viewerStuck }: Outcome): void {
  const bench = toBench(kind)
  const say = (metric: string, value: number, unit: 'ms' | 'count', atMost?: number) =>
    report({ bench, metric, value, unit, atMost })
  const gapsOf = (crossings: readonly Crossing[]) => crossings.map(({ gapMs }) => gapMs)
  // The viewer's picture may stand more than once after a kill: all of it counts.
  const stood = kills.map(({ at }, index) => {
    const next = kills[index + 1]?.at ?? Number.POSITIVE_INFINITY
    const own = still.filter(({ from, to }) => to > at && from < Math.min(next, at + KILL_SHOWS_MS))
    return own.reduce((sum, { from, to }) => sum + to - from, 0)
  })
  report({ bench, metric: 'kills', value: kills.length, unit: 'count', atLeast: KILLS })
  say('readers', look.readers.length, 'count')
  report({ bench, metric: 'reads', value: look.reads + look.floodReads, unit: 'count', atLeast: reads })
  say('versions', look.versions, 'count')
  for (const [what, gaps, atMost] of [
    ['gap', gapsOf(look.crossings), GAP_MS[kind]],
    ['viewer_gap', stood, undefined],
  ] as const) {
    say(`${what}_p50`, quantile(gaps, 0.5), 'ms')
    say(`${what}_p95`, quantile(gaps, 0.95), 'ms', atMost)
    say(`${what}_max`, Math.max(...gaps), 'ms')
  }
  const { torn, missing, goingBack, illegal, stuck } = look.faults
  const left = look.readers.filter(({ runId }) => runId !== look.readers[0]?.runId).length
  const stoodStill = still.filter(({ from, to }) => to - from > VIEWER_PATIENCE_MS).length
  const counts = { torn, missing, going_back: goingBack, illegal, stuck: stuck + left }
  for (const [metric, value] of Object.entries(counts)) say(metric, value, 'count', 0)
  if (VIEWER) say('viewer_stuck', stoodStill + Number(viewerStuck), 'count', 0)
  say('broken', look.broken, 'count')
  for (const problem of look.problems) console.error(problem)
}

console.error(`BENCH_SEED=${SEED}`)
for (const kind of ['off', 'on'] as const) {
  if (!KINDS.includes(kind)) continue
  const before = readIdle()
  tell(kind, await run(kind))
  const after = readIdle()
  const idle = (after.idle - before.idle) / (after.total - before.total)
  report({ bench: toBench(kind), metric: 'idle', value: idle, unit: 'share' })
}
