import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { LogAnswer, LogAsk } from '../load/log-process'
import { by, createTestClass, type Stores, startStores, toRegister } from '../support/class-processes'
import { readIdle } from './process-cost'
import { quantile, report } from './report'

/**
 * Commands to one class, with the scribe writing: in the process that leads it (`commit`), and in another that passes
 * them on. Each process makes its own load; `load_share` says how much of its CPU that is.
 */
const COMMANDS = Number(process.env.BENCH_COMMANDS ?? 20_000)
/** Commands on the way at the same time: those of ten thousand people who all act within half a second. */
const AT_ONCE = 500
const ONE_BY_ONE = 1_000

const stores = await startStores()
const processes: { end(): void }[] = []
try {
  const classId = await createClassOfNobody(stores)
  const leader = await startProcess(stores)
  await leader.ask({ name: 'load', classId, commands: 1, atOnce: 1 }) // takes the lead
  const other = await startProcess(stores)
  await other.ask({ name: 'load', classId, commands: 1, atOnce: 1 })
  const idleBefore = readIdle()
  const flood = (commands: number) => ({ name: 'load', classId, commands, atOnce: AT_ONCE }) as const
  const oneByOne = { name: 'load', classId, commands: ONE_BY_ONE, atOnce: 1 } as const
  await leader.ask(flood(2_000)) // warm
  const led = await leader.ask(flood(COMMANDS))
  toLines('commit', led)
  await other.ask(flood(2_000))
  toLines('commit_passed_on', await other.ask(flood(COMMANDS / 2)))
  toLines('commit_one_by_one', await leader.ask(oneByOne))
  toLines('commit_one_by_one_passed_on', await other.ask(oneByOne))
  const load = await leader.ask({ name: 'idle-load', commands: COMMANDS, atOnce: AT_ONCE })
  const share = load.cpuSeconds / led.cpuSeconds
  report({ bench: 'commit', metric: 'load_share', value: share, unit: 'share' })
  const started = performance.now()
  while ((await leader.ask({ name: 'lag' })).lagFacts > 0)
    await new Promise((resolve) => setTimeout(resolve, 5))
  report({ bench: 'commit', metric: 'archive_after', value: performance.now() - started, unit: 'ms' })
  const idleAfter = readIdle()
  const idle = (idleAfter.idle - idleBefore.idle) / (idleAfter.total - idleBefore.total)
  report({ bench: 'commit', metric: 'idle', value: idle, unit: 'share' })
  if (idle < 0.1) console.error('The machine had less than a tenth left: these figures are of a starved run.')
} finally {
  for (const one of processes) one.end()
  await stores.stop()
}

/** Led by nobody when this returns. */
async function createClassOfNobody({ start, endProcesses }: Stores): Promise<string> {
  const first = await start()
  const { classId } = await createTestClass(first)
  await first.submit(classId, toRegister('t', 'teacher'))
  await first.submit(classId, by('t', { name: 'person:join' }))
  await endProcesses()
  return classId
}

async function startProcess({ redis, databaseUrl }: Stores) {
  const child = fork(join(import.meta.dirname, '../load/log-process.ts'), {
    execArgv: ['--import', 'tsx'],
    env: { ...process.env, NODE_ENV: 'production', REDIS_URL: redis.url, DATABASE_URL: databaseUrl },
  })
  processes.push({ end: () => void child.kill('SIGKILL') })
  await once(child, 'message')
  return {
    async ask(ask: LogAsk): Promise<LogAnswer> {
      child.send(ask)
      const [answer] = await once(child, 'message')
      return answer
    },
  }
}

function toLines(bench: string, { seconds, tookMs, cpuSeconds }: LogAnswer) {
  report({ bench, metric: 'throughput', value: tookMs.length / seconds, unit: '1/s' })
  report({ bench, metric: 'p50', value: quantile(tookMs, 0.5), unit: 'ms' })
  report({ bench, metric: 'p99', value: quantile(tookMs, 0.99), unit: 'ms' })
  report({ bench, metric: 'cores', value: cpuSeconds / seconds, unit: 'cores' })
}
