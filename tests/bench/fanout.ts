import { startServerProcess } from '../load/child'
import { startCrowd, TEACHERS } from '../load/crowd'
import { type Kind, type LoadClient, startLoadClient } from '../load/load-client'
import { startCentrifuge } from '../load/peers/centrifuge'
import { type Cost, measureCost, reportCost, requireComplete } from './contender'
import { quantile, report } from './report'
import { type Schedule, toEvenSchedule, toRandomSchedule } from './schedule'

/**
 * One fact to everybody in a class, again and again: beside stock Socket.IO, Centrifuge, and a bare `write` loop to the
 * gateway's own connections. All are connected at the same time and measured in turn, several times over, so that what
 * else the machine does falls on all of them; a figure is the median of its rounds.
 */
const SOCKETS = Number(process.env.BENCH_SOCKETS ?? 10_000)
/** Compilers and buffers have settled after these. */
const WARM_SECONDS = 4

type Pace = { name: string; rounds: number; seconds: number; schedule(round: number): Schedule }

const random = (perSecond: number, seconds: number) => (round: number) =>
  toRandomSchedule(perSecond, seconds, round + 1)
/** Everybody is sent the same at the same moments. */
const PACES: Pace[] = [
  // Hands go up at any moment, five a second: what a lively class does.
  { name: 'fanout', rounds: 3, seconds: 8, schedule: random(5, 8) },
  { name: 'fanout_even', rounds: 2, seconds: 5, schedule: () => toEvenSchedule(5, 5) },
  // More than any of them can bring to all one by one.
  { name: 'fanout_busy', rounds: 1, seconds: 4, schedule: random(10, 4) },
]
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

type Contender = { name: string; measure(seconds: number, schedule: Schedule): Promise<Cost> }

const stops: (() => Promise<void>)[] = []

async function connect(kind: Kind, port: number, path: string, authFile?: string): Promise<LoadClient> {
  const client = await startLoadClient()
  stops.push(client.stop)
  const opened = await client.connect({ kind, port, path, count: SOCKETS, authFile })
  if (opened.ready === SOCKETS) return client
  throw new Error(`${kind}: ${opened.ready} of ${SOCKETS} connected: ${JSON.stringify(opened)}`)
}

/** Somebody sends `message` by the schedule, and everybody hears it. */
function createFlow(
  name: string,
  client: LoadClient,
  pid: number,
  message: string,
  senders: number,
): Contender {
  return {
    name,
    async measure(seconds, atMs) {
      await client.send({ message, senders, atMs })
      const cost = await measureCost(client, pid, seconds)
      await client.hush()
      requireComplete(name, cost, SOCKETS)
      return cost
    },
  }
}

async function startOurs(): Promise<Contender[]> {
  const { server, authFile, stop } = await startCrowd(SOCKETS)
  stops.push(stop)
  const client = await connect('gateway', server.port, '/gateway/?EIO=4&transport=websocket', authFile)
  const chat = `42{CALL}["chat:send",{"id":"{ID}","text":"${text(FACT_BYTES - CHAT_FACT_BYTES)}"}]`
  const ours = createFlow('', client, server.pid, chat, TEACHERS)
  let messageBytes = FACT_BYTES
  return [
    {
      name: ours.name,
      async measure(seconds, schedule) {
        const cost = await server.profiled('fanout', () => ours.measure(seconds, schedule))
        messageBytes = cost.bytes
        return cost
      },
    },
    {
      name: '_write',
      measure: (seconds, atMs) =>
        measureCost(client, server.pid, seconds, () => server.ask('write', { atMs, messageBytes })),
    },
  ]
}

async function startStock(): Promise<Contender> {
  const server = await startServerProcess('peers/stock.ts')
  stops.push(server.stop)
  const client = await connect('socket.io', server.port, '/socket.io/?EIO=4&transport=websocket')
  return createFlow('_stock', client, server.pid, `42["say",${fact}]`, 1)
}

async function startTheirs(): Promise<Contender[]> {
  const server = await startCentrifuge()
  if (!server) return []
  stops.push(server.stop)
  const client = await connect('centrifuge', server.port, '/connection/websocket')
  const publish = `{"id":{CALL},"publish":{"channel":"class","data":${fact}}}`
  return [createFlow('_centrifuge', client, server.pid, publish, 1)]
}

/** The median of each figure. What was lost is lost: of the last round, which knows of all before. */
function toMedian(rounds: Cost[]): Cost {
  const of = (field: Exclude<keyof Cost, 'lost'>) =>
    quantile(
      rounds.map((cost) => cost[field]),
      0.5,
    )
  const last = rounds.at(-1)
  if (!last) throw new Error('no rounds')
  return {
    ...last,
    ...{ p50: of('p50'), p95: of('p95'), p99: of('p99'), max: Math.max(...rounds.map(({ max }) => max)) },
    ...{
      cpuPerRecipientUs: of('cpuPerRecipientUs'),
      cores: of('cores'),
      loadCores: of('loadCores'),
      idle: of('idle'),
    },
  }
}

function compare(bench: string, costs: ReadonlyMap<string, Cost>) {
  for (const [name, cost] of costs) reportCost(bench + name, cost)
  const ours = costs.get('')
  for (const peer of ['stock', 'centrifuge', 'write']) {
    const theirs = costs.get(`_${peer}`)
    if (!ours || !theirs) continue
    const ratio = (a: number, b: number) => Math.round((a / b) * 1000) / 1000
    const cpu = ours.cpuPerRecipientUs
    report({ bench, metric: 'p99', value: ours.p99, unit: 'ms', peer, ratio: ratio(ours.p99, theirs.p99) })
    report({
      ...{ bench, metric: 'cpu_per_recipient', value: cpu, unit: 'us', peer },
      ratio: ratio(cpu, theirs.cpuPerRecipientUs),
    })
  }
}

try {
  const contenders = [...(await startOurs()), await startStock(), ...(await startTheirs())]
  for (const { measure } of contenders) await measure(WARM_SECONDS, toEvenSchedule(5, WARM_SECONDS))
  for (const { name: bench, rounds, seconds, schedule } of PACES) {
    const costs = new Map<string, Cost[]>(contenders.map(({ name }) => [name, []]))
    for (let round = 0; round < rounds; round++) {
      for (const { name, measure } of contenders) {
        costs.get(name)?.push(await measure(seconds, schedule(round)))
      }
    }
    compare(bench, new Map([...costs].map(([name, list]) => [name, toMedian(list)])))
  }
} finally {
  for (const stop of stops.reverse()) await stop()
}
