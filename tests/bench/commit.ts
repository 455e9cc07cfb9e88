import { newId } from '../../server/ids'
import type { ClassLogs } from '../../server/log/class-logs'
import { by, createTestClass, startStores, toRegister } from '../support/class-processes'
import { readIdle } from './process-cost'
import { quantile, report } from './report'

/** Commands to one class, with the scribe writing: in the process that leads it, and in one that passes them on. */
const COMMANDS = Number(process.env.BENCH_COMMANDS ?? 20_000)
/** Commands on the way at the same time: a class whose every person acts within a second. */
const AT_ONCE = 256
const ONE_BY_ONE = 1_000

const stores = await startStores()
try {
  const idleBefore = readIdle()
  const leader = await stores.start()
  const other = await stores.start()
  const { classId } = await createTestClass(leader)
  await other.follow(classId)
  await leader.submit(classId, toRegister('t', 'teacher'))
  await leader.submit(classId, by('t', { name: 'person:join' }))
  await flood(leader, classId, 2_000) // warm
  toLines('commit_flood', await flood(leader, classId, COMMANDS))
  toLines('commit_flood_passed_on', await flood(other, classId, COMMANDS / 4))
  toLines('commit', await oneByOne(leader, classId))
  toLines('commit_passed_on', await oneByOne(other, classId))
  const started = performance.now()
  while (leader.status().scribe.lagFacts > 0) await new Promise((resolve) => setTimeout(resolve, 5))
  report({ bench: 'commit', metric: 'archive_after', value: performance.now() - started, unit: 'ms' })
  const idleAfter = readIdle()
  const idle = (idleAfter.idle - idleBefore.idle) / (idleAfter.total - idleBefore.total)
  report({ bench: 'commit', metric: 'idle', value: idle, unit: 'share' })
  if (idle < 0.1) console.error('The machine had less than a tenth left: these figures are of a starved run.')
} finally {
  await stores.stop()
}

type Measured = { seconds: number; tookMs: number[] }

async function flood(logs: ClassLogs, classId: string, commands: number): Promise<Measured> {
  const tookMs: number[] = []
  let sent = 0
  const started = performance.now()
  const sender = async () => {
    while (sent++ < commands) tookMs.push(await registerOne(logs, classId))
  }
  await Promise.all(Array.from({ length: AT_ONCE }, sender))
  return { seconds: (performance.now() - started) / 1000, tookMs }
}

/** What one person waits for. */
async function oneByOne(logs: ClassLogs, classId: string): Promise<Measured> {
  const tookMs: number[] = []
  const started = performance.now()
  for (let i = 0; i < ONE_BY_ONE; i++) tookMs.push(await registerOne(logs, classId))
  return { seconds: (performance.now() - started) / 1000, tookMs }
}

async function registerOne(logs: ClassLogs, classId: string): Promise<number> {
  const at = performance.now()
  const outcome = await logs.submit(classId, toRegister(newId('per')))
  if (!outcome.ok) throw new Error(JSON.stringify(outcome))
  return performance.now() - at
}

function toLines(bench: string, { seconds, tookMs }: Measured) {
  report({ bench, metric: 'throughput', value: tookMs.length / seconds, unit: '1/s' })
  report({ bench, metric: 'p50', value: quantile(tookMs, 0.5), unit: 'ms' })
  report({ bench, metric: 'p99', value: quantile(tookMs, 0.99), unit: 'ms' })
}
