import { Redis } from 'ioredis'
import { startCrowd, TEACHERS } from '../load/crowd'
import { startLoadClient } from '../load/load-client'
import { readIdle } from './process-cost'
import { report } from './report'

/** All students are cut off and come back at once, while facts go on: nothing lost, nothing twice, Redis left alone. */
const SOCKETS = Number(process.env.BENCH_SOCKETS ?? 10_000)
const FACTS_PER_SECOND = Number(process.env.BENCH_RATE ?? 20)
/** Long enough that presence, the scribe and the lease have had their turn, as they have during the storm. */
const CALM_SECONDS = 10
const SETTLE_SECONDS = 30

const crowd = await startCrowd(SOCKETS)
const client = await startLoadClient()
const redis = new Redis(crowd.redisUrl)

/** Commands that Redis has carried out, by name; what looks at them is left out. */
async function countCommands(): Promise<Map<string, number>> {
  const lines = (await redis.info('commandstats')).matchAll(/cmdstat_([^:]+):calls=(\d+)/g)
  return new Map([...lines].map(([, name = '', calls]) => [name, Number(calls)]))
}

/** How many more of each command than the calm before would have made in the same time. */
function beyond(
  calm: Map<string, number>[],
  storm: Map<string, number>[],
  times: number,
): [string, number][] {
  const grown = ([from, to]: Map<string, number>[], name: string) =>
    (to?.get(name) ?? 0) - (from?.get(name) ?? 0)
  return [...(storm[1]?.keys() ?? [])]
    .filter((name) => name !== 'info')
    .map((name): [string, number] => [name, grown(storm, name) - Math.ceil(times * grown(calm, name))])
    .filter(([, n]) => n > 0)
}

try {
  const { server, authFile } = crowd
  const opening = { kind: 'gateway', port: server.port, path: '/gateway/?EIO=4&transport=websocket' } as const
  const first = await client.connect({ ...opening, count: SOCKETS, authFile })
  if (first.ready !== SOCKETS) throw new Error(`not everybody came: ${JSON.stringify(first)}`)
  const message = '42{CALL}["chat:send",{"id":"{ID}","text":"{STAMP}"}]'
  await client.send({ message, perSecond: FACTS_PER_SECOND, senders: TEACHERS })
  await client.measure(SETTLE_SECONDS / 3)

  const calm = [await countCommands()]
  const calmAt = performance.now()
  await client.measure(CALM_SECONDS)
  calm.push(await countCommands())
  const calmMs = performance.now() - calmAt
  await server.ask('stall', {})
  const idleBefore = readIdle()

  const storm = [await countCommands()]
  const stormAt = performance.now()
  // Asked for at once, answered when the server has seen the last of them go.
  const cutStall = await server.profiled('cut', async () => {
    await client.cut(TEACHERS)
    return (await server.ask('stall', {})).maxMs
  })
  const back = await server.profiled('reconnect-storm', () =>
    client.connect({ ...opening, count: SOCKETS, authFile, from: TEACHERS, resume: true }),
  )
  storm.push(await countCommands())
  const stormMs = performance.now() - stormAt
  const idleAfter = readIdle()
  const { maxMs } = await server.ask('stall', {})
  await client.hush()
  const settled = await client.settle(SETTLE_SECONDS)

  const bench = 'reconnect-storm'
  const students = SOCKETS - TEACHERS
  const extra = beyond(calm, storm, stormMs / calmMs)
  console.error(`Redis commands beyond those of the calm: ${JSON.stringify(Object.fromEntries(extra))}`)
  if (Object.keys(back.failed).length > 0) console.error(`not let in: ${JSON.stringify(back.failed)}`)
  report({ bench, metric: 'seconds', value: back.seconds, unit: 's' })
  report({ bench, metric: 'resumed', value: settled.resumed / students, unit: 'share' })
  report({ bench, metric: 'snapshots', value: settled.snapshots - SOCKETS, unit: 'count' })
  report({ bench, metric: 'settled', value: settled.settled / SOCKETS, unit: 'share' })
  report({ bench, metric: 'holes', value: settled.holes, unit: 'count' })
  report({ bench, metric: 'repeats', value: settled.repeats, unit: 'count' })
  report({ bench, metric: 'redis_commands', value: extra.reduce((sum, [, n]) => sum + n, 0), unit: 'count' })
  report({ bench, metric: 'stall', value: maxMs, unit: 'ms' })
  report({ bench, metric: 'stall_of_cut', value: cutStall, unit: 'ms' })
  report({ bench, metric: 'p99', value: back.p99, unit: 'ms' })
  report({ bench, metric: 'load_client_cores', value: back.cpuSeconds / back.seconds, unit: 'cores' })
  const idle = (idleAfter.idle - idleBefore.idle) / (idleAfter.total - idleBefore.total)
  report({ bench, metric: 'idle', value: idle, unit: 'share' })
  if (idle < 0.1) console.error('The machine had less than a tenth left: these figures are of a starved run.')
} finally {
  redis.disconnect()
  await client.stop()
  await crowd.stop()
}
