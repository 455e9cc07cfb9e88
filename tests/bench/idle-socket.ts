import { startServerProcess } from '../load/child'
import { startCrowd, TEACHERS } from '../load/crowd'
import { startLoadClient } from '../load/load-client'
import { report } from './report'

/**
 * What a socket costs that only sits there: resident memory of the server, garbage collected, beside stock Socket.IO.
 * The first are there before: what a class costs by itself is not counted among its sockets.
 */
const SOCKETS = Number(process.env.BENCH_SOCKETS ?? 10_000)
/** `you` has come to everybody, and what connecting left is garbage. */
const SETTLE_MS = Number(process.env.BENCH_SETTLE_MS ?? 8_000)

type Memory = { rssBytes: number; heapBytes: number }

async function perSocket(
  server: { ask(name: 'memory', ask: object): Promise<Memory> },
  connect: (from: number, count: number) => Promise<{ ready: number }>,
): Promise<Memory> {
  await connect(0, TEACHERS)
  const before = await server.ask('memory', {})
  const sockets = SOCKETS - TEACHERS
  const { ready } = await connect(TEACHERS, SOCKETS)
  if (ready !== sockets) throw new Error(`${ready} of ${sockets} connected`)
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS))
  const after = await server.ask('memory', {})
  return {
    rssBytes: (after.rssBytes - before.rssBytes) / sockets,
    heapBytes: (after.heapBytes - before.heapBytes) / sockets,
  }
}

async function measureOurs(): Promise<Memory> {
  const crowd = await startCrowd(SOCKETS)
  const client = await startLoadClient()
  const { port } = crowd.server
  const opening = { kind: 'gateway', port, path: '/gateway/?EIO=4&transport=websocket' } as const
  try {
    return await perSocket(crowd.server, (from, count) =>
      client.connect({ ...opening, from, count, authFile: crowd.authFile }),
    )
  } finally {
    await client.stop()
    await crowd.stop()
  }
}

async function measureStock(): Promise<Memory> {
  const server = await startServerProcess('peers/stock.ts')
  const client = await startLoadClient()
  const { port } = server
  const opening = { kind: 'socket.io', port, path: '/socket.io/?EIO=4&transport=websocket' } as const
  try {
    return await perSocket(server, (from, count) => client.connect({ ...opening, from, count }))
  } finally {
    await client.stop()
    await server.stop()
  }
}

const stock = await measureStock()
const ours = await measureOurs()
const bench = 'idle-socket'
report({ bench: 'idle-socket_stock', metric: 'rss', value: stock.rssBytes, unit: 'bytes' })
report({ bench: 'idle-socket_stock', metric: 'heap', value: stock.heapBytes, unit: 'bytes' })
const ratio = Math.round((ours.rssBytes / stock.rssBytes) * 1000) / 1000
report({ bench, metric: 'rss', value: ours.rssBytes, unit: 'bytes', peer: 'socket.io', ratio })
report({ bench, metric: 'heap', value: ours.heapBytes, unit: 'bytes' })
