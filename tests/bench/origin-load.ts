import { cpuOf, type Load, load, median, type OriginBench, workersOf } from './origin-rig'
import { readIdle } from './process-cost'
import { report } from './report'

export type Contest = {
  bench: string
  metric: 'requests' | 'bytes'
  ours: string
  nginx: string
  connections: number
  leastRatio: number
  mostP99Ms?: number
}

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5)
const ROUND_SECONDS = Number(process.env.BENCH_SECONDS ?? 4)
const WARM_SECONDS = 2

type Round = Load & { cpuUs: number }

/**
 * The origin and nginx in turn, several times over, so that what else the machine does falls on both; figures are the
 * median of their rounds. `cpu_per_request` says what a busy machine hides.
 */
export async function compete(stack: OriginBench, contest: Contest) {
  const { bench, metric, ours, nginx, connections, leastRatio, mostP99Ms } = contest
  const [worker = 0] = workersOf(stack.nginx)
  async function measure(url: string, pid: number, seconds = ROUND_SECONDS): Promise<Round> {
    const before = cpuOf(pid)
    const found = await load(url, connections, seconds)
    if (found.failed > 0) throw new Error(`${bench}: ${found.failed} answers were none`)
    return { ...found, cpuUs: ((cpuOf(pid) - before) * 1e6) / (found.perSecond * seconds) }
  }
  await measure(ours, stack.origin.pid, WARM_SECONDS)
  await measure(nginx, worker, WARM_SECONDS)
  const idleBefore = readIdle()
  const rounds: { ours: Round; peer: Round }[] = []
  for (let round = 0; round < ROUNDS; round++) {
    rounds.push({ ours: await measure(ours, stack.origin.pid), peer: await measure(nginx, worker) })
  }
  const idleAfter = readIdle()
  const pick = (who: 'ours' | 'peer', field: keyof Round) => median(rounds.map((round) => round[who][field]))
  const field = metric === 'requests' ? 'perSecond' : 'bytesPerSecond'
  const [value, peer] = [pick('ours', field), pick('peer', field)]
  report({ bench: `${bench}_nginx`, metric: 'throughput', value: peer, unit: '1/s' })
  report({ bench: `${bench}_nginx`, metric: 'p99', value: pick('peer', 'p99Ms'), unit: 'ms' })
  report({ bench: `${bench}_nginx`, metric: 'cpu_per_request', value: pick('peer', 'cpuUs'), unit: 'us' })
  const ratio = Math.round((value / peer) * 1000) / 1000
  report({
    bench,
    metric: 'throughput',
    value,
    unit: '1/s',
    peer: 'nginx static',
    ratio,
    atLeast: leastRatio,
  })
  report({ bench, metric: 'p99', value: pick('ours', 'p99Ms'), unit: 'ms', atMost: mostP99Ms })
  report({ bench, metric: 'cpu_per_request', value: pick('ours', 'cpuUs'), unit: 'us' })
  const idle = (idleAfter.idle - idleBefore.idle) / (idleAfter.total - idleBefore.total)
  report({ bench, metric: 'idle', value: idle, unit: 'share' })
}

export const serveStatic = (_origin: string, port: number) =>
  `server { listen 127.0.0.1:${port} backlog=4096; root STATIC; }`
