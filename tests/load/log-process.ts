import { createFactArchive } from '../../db/facts'
import { createPool } from '../../db/pool'
import { newId } from '../../server/ids'
import { createClassLogs } from '../../server/log/class-logs'
import { silent, toRegister } from '../support/class-processes'

/** The log of one server process, in a process of its own, which is told to send commands of its own. */
export type LogAsk =
  | { name: 'load'; classId: string; commands: number; atOnce: number }
  /** The same load on a log that answers at once: what the load itself costs. */
  | { name: 'idle-load'; commands: number; atOnce: number }
  | { name: 'lag' }
export type LogAnswer = { tookMs: number[]; seconds: number; cpuSeconds: number; lagFacts: number }

const { REDIS_URL = '', DATABASE_URL = '' } = process.env
const logs = await createClassLogs({
  redisUrl: REDIS_URL,
  archive: createFactArchive(createPool(DATABASE_URL, () => {})),
  logger: silent,
  newId,
})

async function load(
  { commands, atOnce }: { commands: number; atOnce: number },
  send: (one: ReturnType<typeof toRegister>) => Promise<{ ok: boolean }>,
) {
  const tookMs: number[] = []
  const [started, cpu] = [performance.now(), process.cpuUsage()]
  let sent = 0
  const sender = async () => {
    while (sent++ < commands) {
      const at = performance.now()
      const outcome = await send(toRegister(newId('per')))
      if (!outcome.ok) throw new Error(JSON.stringify(outcome))
      tookMs.push(performance.now() - at)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, sender))
  const { user, system } = process.cpuUsage(cpu)
  return { tookMs, seconds: (performance.now() - started) / 1000, cpuSeconds: (user + system) / 1e6 }
}

const nothing = { tookMs: [], seconds: 0, cpuSeconds: 0 }

async function answer(ask: LogAsk): Promise<LogAnswer> {
  const measured =
    ask.name === 'load'
      ? await load(ask, (one) => logs.submit(ask.classId, one))
      : ask.name === 'idle-load'
        ? await load(ask, async () => ({ ok: true }))
        : nothing
  return { ...measured, lagFacts: logs.status().scribe.lagFacts }
}

process.on('message', async (ask: LogAsk) => process.send?.(await answer(ask)))
process.on('disconnect', () => process.exit(0))
process.send?.('ready')
