import { startServerProcess } from '../load/child'
import { startCrowd } from '../load/crowd'
import { startLoadClient } from '../load/load-client'
import { report } from './report'

/** What a socket costs that only sits there: resident memory of the server, garbage collected, beside stock Socket.IO. */
const SOCKETS = Number(process.env.BENCH_SOCKETS ?? 10_000)
/** `you` has come to everybody, and what connecting left is garbage. */
const SETTLE_MS = Number(process.env.BENCH_SETTLE_MS ?? 8_000)

type Memory = { rssBytes: number; heapBytes: number }

async function perSocket(
  server: { ask(name: 'memory', ask: object): Promise<Memory> },
  connect: () => Promise<{ ready: number }>,
): Promise<Memory> {
  const before = await server.ask('memory', {})
  const { ready } = await connect()
  if (ready !== SOCKETS) throw new Error(`${ready} of ${SOCKETS} connected`)
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS))
  const after = await server.ask('memory', {})
  return {
    rssBytes: (after.rssBytes - before.rssBytes) / SOCKETS,
    heapBytes: (after.heapBytes - before.heapBytes) / SOCKETS,
  }
}

async function measureOurs(): Promise<Memory> {
  const crowd = await startCrowd(SOCKETS)
  const client = await startLoadClient()
  const { port } = crowd.server
  const opening = { kind: 'gateway', port, path: '/gateway/?EIO=4&transport=websocket' } as const
  try {
    return await perSocket(crowd.server, () =>
      client.connect({ ...opening, count: SOCKETS, authFile: crowd.authFile }),
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
    return await perSocket(server, () => client.connect({ ...opening, count: SOCKETS }))
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
