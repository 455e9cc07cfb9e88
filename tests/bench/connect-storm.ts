import { type ServerProcess, startServerProcess } from '../load/child'
import { startCrowd, TEACHERS } from '../load/crowd'
import { type Opened, type Opening, startLoadClient } from '../load/load-client'
import { readIdle, usageOf } from './process-cost'
import { report } from './report'

/**
 * Everybody comes at once, signed in, and gets a snapshot: beside the bare handshakes of stock Socket.IO. The teachers
 * are there before, so that compilers have seen a handshake and the class is open.
 */
const SOCKETS = Number(process.env.BENCH_SOCKETS ?? 10_000)
/** In turn, each with servers of its own; a figure is of the round in the middle. */
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5)

type Storm = Opened & { serverCpuSeconds: number; idle: number; stallMs: number }

async function storm(server: ServerProcess, opening: Opening): Promise<Storm> {
  const client = await startLoadClient()
  try {
    const early = await client.connect({ ...opening, count: TEACHERS })
    if (early.ready !== TEACHERS) throw new Error(`the teachers could not come: ${JSON.stringify(early)}`)
    await server.ask('stall', {})
    const idleBefore = readIdle()
    const before = usageOf(server.pid).cpuSeconds
    const opened = await server.profiled(`connect-storm-${opening.kind}`, () =>
      client.connect({ ...opening, from: TEACHERS }),
    )
    const serverCpuSeconds = usageOf(server.pid).cpuSeconds - before
    const idleAfter = readIdle()
    const idle = (idleAfter.idle - idleBefore.idle) / (idleAfter.total - idleBefore.total)
    const { maxMs } = await server.ask('stall', {})
    if (opened.ready !== SOCKETS - TEACHERS) throw new Error(`not everybody came: ${JSON.stringify(opened)}`)
    return { ...opened, serverCpuSeconds, idle, stallMs: maxMs }
  } finally {
    await client.stop()
  }
}

async function measureStock(): Promise<Storm> {
  const server = await startServerProcess('peers/stock.ts')
  const path = '/socket.io/?EIO=4&transport=websocket'
  try {
    return await storm(server, { kind: 'socket.io', port: server.port, path, count: SOCKETS })
  } finally {
    await server.stop()
  }
}

async function measureOurs(): Promise<Storm> {
  const { server, authFile, stop } = await startCrowd(SOCKETS)
  const path = '/gateway/?EIO=4&transport=websocket'
  try {
    return await storm(server, { kind: 'gateway', port: server.port, path, count: SOCKETS, authFile })
  } finally {
    await stop()
  }
}

function toLines(bench: string, run: Storm, peer?: Storm) {
  const ratio = peer && { peer: 'socket.io', ratio: Math.round((run.seconds / peer.seconds) * 1000) / 1000 }
  report({ bench, metric: 'seconds', value: run.seconds, unit: 's', ...ratio })
  report({ bench, metric: 'throughput', value: SOCKETS / run.seconds, unit: '1/s' })
  report({ bench, metric: 'p50', value: run.p50, unit: 'ms' })
  report({ bench, metric: 'p99', value: run.p99, unit: 'ms' })
  report({ bench, metric: 'stall', value: run.stallMs, unit: 'ms' })
  report({ bench, metric: 'cores', value: run.serverCpuSeconds / run.seconds, unit: 'cores' })
  report({ bench, metric: 'load_client_cores', value: run.cpuSeconds / run.seconds, unit: 'cores' })
  report({ bench, metric: 'idle', value: run.idle, unit: 'share' })
  if (run.idle < 0.1) console.error(`${bench}: the machine had less than a tenth left.`)
}

function toMiddle(runs: Storm[]): Storm {
  const middle = runs.toSorted((a, b) => a.seconds - b.seconds)[Math.floor(runs.length / 2)]
  if (!middle) throw new Error('no rounds')
  return middle
}

const stock: Storm[] = []
const ours: Storm[] = []
for (let round = 0; round < ROUNDS; round++) {
  stock.push(await measureStock())
  ours.push(await measureOurs())
}
toLines('connect-storm_stock', toMiddle(stock))
toLines('connect-storm', toMiddle(ours), toMiddle(stock))
