import { fork } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Made, Round } from '../load/attacker-process'
import { startServerProcess } from '../load/child'
import { call, createTestClass, createTestPerson, startClass } from '../support/api'
import { type Client, connectClient } from '../support/gateway'
import { createServerEnvironment } from '../support/server'
import { readIdle } from './process-cost'
import { quantile, report } from './report'

/**
 * What hostile clients cost honest ones: how long a command of theirs takes until it is acknowledged, and until
 * somebody else has its fact, in rounds with and without hostile clients in turn. Hostile clients are those that a
 * server can do something about: they are few, as a flood of bandwidth is for a proxy.
 */
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 6)
const ROUND_MS = 8_000
const HONEST = 20
/** Two commands a second each: a lively class. */
const PAUSE_MS = 500
/** At the same time, each one attack after the other, with a new connection for each. */
const HOSTILE = 4
/** Between attacks of one of them: what an attacker of one machine pays for connections, too. */
const HOSTILE_PAUSE_MS = 50

const environment = await createServerEnvironment()
const server = await startServerProcess('gateway-process.ts', environment.env)
const reached = { url: `http://127.0.0.1:${server.port}` }
const school = await createTestClass(reached, {})
await startClass(reached, school)

async function toAuth(role: string): Promise<object> {
  const { token } = await createTestPerson(reached, school, { name: role, role })
  const { body } = await call(reached, 'POST', `/classes/${school.id}/join`, { token, body: {} })
  return { token: (body.gateway as { token: string }).token, protocol: 1 }
}

const honest: Client[] = []
for (let i = 0; i < HONEST; i++) {
  const client = connectClient(reached.url, await toAuth('student'))
  await client.until((c) => c.you !== null)
  honest.push(client)
}
const auths = await Promise.all(Array.from({ length: 40 }, () => toAuth('student')))

async function talk(client: Client, until: number, times: number[]): Promise<void> {
  await wait(Math.random() * PAUSE_MS)
  while (performance.now() < until) {
    const sentAt = performance.now()
    const ack = await client.send('chat:send', { text: 'honest' }, randomUUID())
    if (!ack.ok) throw new Error(`an honest command was refused: ${JSON.stringify(ack)}`)
    times.push(performance.now() - sentAt)
    await wait(Math.max(0, PAUSE_MS - (performance.now() - sentAt)))
  }
}

const attacker = fork(join(import.meta.dirname, '../load/attacker-process.ts'), {
  execArgv: ['--import', 'tsx'],
})
let attacksMade = 0
async function attack(): Promise<void> {
  const { port } = server
  const order: Round = { port, auths, attackers: HOSTILE, pauseMs: HOSTILE_PAUSE_MS, ms: ROUND_MS }
  attacker.send(order)
  const [made] = (await once(attacker, 'message')) as [Made]
  attacksMade += made.attacks
}

async function round(hostile: boolean): Promise<number[]> {
  const until = performance.now() + ROUND_MS
  const times: number[] = []
  const attacking = hostile ? attack() : undefined
  await Promise.all([...honest.map((client) => talk(client, until, times)), attacking])
  return times
}

await round(true)
await round(false)
attacksMade = 0
let heap = (await server.ask('memory', {})).heapBytes
/** The class's own history grows with every fact, up to its bounds: in calm rounds as well. */
async function heapGrowth(): Promise<number> {
  const before = heap
  heap = (await server.ask('memory', {})).heapBytes
  return heap - before
}
let [calmGrowth, underGrowth] = [0, 0]
const idleBefore = readIdle()
const calm: number[] = []
const under: number[] = []
for (let i = 0; i < ROUNDS; i++) {
  calm.push(...(await round(false)))
  calmGrowth += await heapGrowth()
  under.push(...(await server.profiled('hostile', () => round(true))))
  underGrowth += await heapGrowth()
}
const idleAfter = readIdle()
for (const share of [0.5, 0.95, 0.99]) {
  const [peer, ours] = [quantile(calm, share), quantile(under, share)]
  const metric = `p${Math.round(share * 100)}`
  report({ bench: 'hostile_calm', metric, value: peer, unit: 'ms' })
  const ratio = Math.round((ours / peer) * 1000) / 1000
  report({
    bench: 'hostile',
    metric,
    value: ours,
    unit: 'ms',
    peer: 'the same without hostile clients',
    ratio,
  })
}
report({ bench: 'hostile_calm', metric: 'heap_growth', value: calmGrowth, unit: 'bytes' })
report({ bench: 'hostile', metric: 'heap_growth', value: underGrowth, unit: 'bytes' })
report({ bench: 'hostile', metric: 'attacks', value: attacksMade, unit: 'count' })
const idle = (idleAfter.idle - idleBefore.idle) / (idleAfter.total - idleBefore.total)
report({ bench: 'hostile', metric: 'idle', value: idle, unit: 'share' })
if (idle < 0.1) console.error('hostile: the machine had less than a tenth left.')
for (const client of honest) client.close()
attacker.disconnect()
await server.stop()
await environment.stop()
process.exit(0)
