import type { LoadClient, Measured } from '../load/load-client'
import { readIdle, usageOf } from './process-cost'
import { type Line, report } from './report'

/** What it costs a server to bring messages to everybody, and how old they are when they come. */
export type Cost = Measured & { cpuPerRecipientUs: number; cores: number; loadCores: number; idle: number }

/** Measures for so long; `sendMeanwhile` sends where the load client does not. */
export async function measureCost(
  client: LoadClient,
  pid: number,
  seconds: number,
  sendMeanwhile: () => Promise<unknown> = async () => {},
): Promise<Cost> {
  const idleBefore = readIdle()
  const cpuBefore = usageOf(pid).cpuSeconds
  const [measured] = await Promise.all([client.measure(seconds), sendMeanwhile()])
  const cpuSeconds = usageOf(pid).cpuSeconds - cpuBefore
  const idleAfter = readIdle()
  return {
    ...measured,
    cpuPerRecipientUs: (cpuSeconds * 1e6) / measured.delivered,
    cores: cpuSeconds / seconds,
    loadCores: measured.cpuSeconds / seconds,
    idle: (idleAfter.idle - idleBefore.idle) / (idleAfter.total - idleBefore.total),
  }
}

/** The lines of one contender; ratios to the peers that were measured beside it. */
export function reportCost(bench: string, cost: Cost): void {
  const line = (metric: string, value: number, unit: Line['unit']) => report({ bench, metric, value, unit })
  line('p50', cost.p50, 'ms')
  line('p95', cost.p95, 'ms')
  line('p99', cost.p99, 'ms')
  line('max', cost.max, 'ms')
  line('cpu_per_recipient', cost.cpuPerRecipientUs, 'us')
  line('cores', cost.cores, 'cores')
  line('load_client_cores', cost.loadCores, 'cores')
  line('message', cost.bytes, 'bytes')
  line('idle', cost.idle, 'share')
  if (cost.idle < 0.1) console.error(`${bench}: the machine had less than a tenth left.`)
  if (Object.keys(cost.lost).length > 0) console.error(`${bench}: lost ${JSON.stringify(cost.lost)}`)
}

/** Refuses to compare runs in which not everybody heard everything. */
export function requireComplete(bench: string, { sent, readers, delivered }: Measured, wanted: number): void {
  if (readers === wanted && delivered === sent * readers) return
  throw new Error(`${bench}: ${delivered} of ${sent} x ${readers} messages came to ${readers} of ${wanted}`)
}
