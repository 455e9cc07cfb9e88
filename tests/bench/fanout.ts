import { startServerProcess } from '../load/child'
import { startCrowd, TEACHERS } from '../load/crowd'
import { type Kind, type LoadClient, startLoadClient } from '../load/load-client'
import { startCentrifuge } from '../load/peers/centrifuge'
import { type Cost, measureCost, reportCost, requireComplete } from './contender'
import { report } from './report'

/** One fact to everybody in a class, again and again: beside stock Socket.IO, Centrifuge, and a bare `write` loop. */
const SOCKETS = Number(process.env.BENCH_SOCKETS ?? 10_000)
const FACTS_PER_SECOND = Number(process.env.BENCH_RATE ?? 5)
const SECONDS = Number(process.env.BENCH_SECONDS ?? 20)
/** Compilers and buffers have settled after these. */
const WARM_SECONDS = 5
const FACT_BYTES = 280
/** What a chat message's fact holds besides its text. */
const CHAT_FACT_BYTES = 197

const STAMP = '{STAMP}'
const STAMP_BYTES = '@@000000000000000@@'.length
const text = (bytes: number) => STAMP + 'x'.repeat(bytes - STAMP_BYTES)
const fact = JSON.stringify({
  type: 'chat.sent',
  text: text(FACT_BYTES - '{"type":"chat.sent","text":""}'.length),
})

async function connect(client: LoadClient, kind: Kind, port: number, path: string, authFile?: string) {
  const opened = await client.connect({ kind, port, path, count: SOCKETS, authFile })
  if (opened.ready === SOCKETS) return
  throw new Error(`${kind}: ${opened.ready} of ${SOCKETS} connected: ${JSON.stringify(opened)}`)
}

async function flow(client: LoadClient, pid: number, message: string, senders: number): Promise<Cost> {
  await client.send({ message, senders, perSecond: FACTS_PER_SECOND })
  await client.measure(WARM_SECONDS)
  const cost = await measureCost(client, pid, SECONDS)
  await client.hush()
  return cost
}

async function measureOurs(): Promise<{ ours: Cost; bare: Cost }> {
  const crowd = await startCrowd(SOCKETS)
  const client = await startLoadClient()
  try {
    const { server, authFile } = crowd
    await connect(client, 'gateway', server.port, '/gateway/?EIO=4&transport=websocket', authFile)
    const chat = `42{CALL}["chat:send",{"id":"{ID}","text":"${text(FACT_BYTES - CHAT_FACT_BYTES)}"}]`
    const ours = await server.profiled('fanout', () => flow(client, server.pid, chat, TEACHERS))
    requireComplete('fanout', ours, SOCKETS)
    const writing = { perSecond: FACTS_PER_SECOND, seconds: SECONDS, messageBytes: ours.bytes }
    const bare = await measureCost(client, server.pid, SECONDS, () => server.ask('write', writing))
    return { ours, bare }
  } finally {
    await client.stop()
    await crowd.stop()
  }
}

async function measureStock(): Promise<Cost> {
  const server = await startServerProcess('peers/stock.ts')
  const client = await startLoadClient()
  try {
    await connect(client, 'socket.io', server.port, '/socket.io/?EIO=4&transport=websocket')
    const cost = await flow(client, server.pid, `42["say",${fact}]`, 1)
    requireComplete('fanout_stock', cost, SOCKETS)
    return cost
  } finally {
    await client.stop()
    await server.stop()
  }
}

async function measureCentrifuge(): Promise<Cost | null> {
  const server = await startCentrifuge()
  if (!server) return null
  const client = await startLoadClient()
  try {
    await connect(client, 'centrifuge', server.port, '/connection/websocket')
    const publish = `{"id":{CALL},"publish":{"channel":"class","data":${fact}}}`
    const cost = await flow(client, server.pid, publish, 1)
    requireComplete('fanout_centrifuge', cost, SOCKETS)
    return cost
  } finally {
    await client.stop()
    await server.stop()
  }
}

function compare(metric: string, unit: 'ms' | 'us', peer: string, of: (cost: Cost) => number, costs: Cost[]) {
  const [ours, theirs] = costs.map(of)
  if (ours === undefined || theirs === undefined) return
  report({
    bench: 'fanout',
    metric,
    value: ours,
    unit,
    peer,
    ratio: Math.round((ours / theirs) * 1000) / 1000,
  })
}

const { ours, bare } = await measureOurs()
reportCost('fanout', ours)
reportCost('fanout_write', bare)
const stock = await measureStock()
reportCost('fanout_stock', stock)
const centrifuge = await measureCentrifuge()
if (centrifuge) reportCost('fanout_centrifuge', centrifuge)
for (const [peer, cost] of Object.entries({ 'socket.io': stock, centrifuge, write: bare })) {
  if (!cost) continue
  compare('p99', 'ms', peer, ({ p99 }) => p99, [ours, cost])
  compare('cpu_per_recipient', 'us', peer, ({ cpuPerRecipientUs }) => cpuPerRecipientUs, [ours, cost])
}
