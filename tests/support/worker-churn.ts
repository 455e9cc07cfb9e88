import { readdirSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { Redis } from 'ioredis'
import { waitUntil } from '../../scripts/stack/wait-until'
import { type BroadcastRig, readJournal } from './broadcast-rig'

const WAIT_MS = 40_000
const SETTLE_MS = 45_000
const LOOKS = 4
/** Every so manyth egress is stopped before it has written anything. */
const ABORT_EVERY = 5

/** What a worker holds of the machine and of Redis. */
export type Footprint = {
  files: number
  threads: number
  children: number
  rssBytes: number
  /** Channels that anybody of this Redis listens to: livekit-server's are always the same. */
  channels: number
  goroutines: number
}

export type Churn = { rig: BroadcastRig; classes: string[]; goroutines(): number }

/** Starts and stops egresses, some at a time, in the classes given, each to its end. */
export async function startAndStop({ rig, classes }: Churn, starts: number, together: number) {
  let next = 0
  const lane = async () => {
    for (let n = next++; n < starts; n = next++) {
      const { dir, egressId } = await startWhenTaken(rig, classes[n % classes.length])
      const abort = n % ABORT_EVERY === ABORT_EVERY - 1
      const begun = async () => (await readJournal(dir)).some(({ t }) => t === (abort ? 'run' : 'part'))
      if (!(await waitUntil(begun, WAIT_MS))) throw new Error(`egress ${n} wrote nothing`)
      await rig.egress.stopEgress(egressId)
      const ended = async () => (await readJournal(dir)).at(-1)?.t === 'end'
      if (!(await waitUntil(ended, WAIT_MS))) throw new Error(`egress ${n} did not end`)
      await rm(dir, { recursive: true, force: true })
    }
  }
  await Promise.all(Array.from({ length: together }, lane))
}

/** A worker without processor time refuses: that is for others to wait out. */
async function startWhenTaken(rig: BroadcastRig, classId?: string) {
  let started: Awaited<ReturnType<BroadcastRig['startRun']>> | undefined
  const taken = async () => {
    started = await rig.startRun(classId)
    return true
  }
  await waitUntil(taken, WAIT_MS)
  return started ?? rig.startRun(classId)
}

/** Takes its measure when it holds no egress any more. */
async function measure(churn: Churn): Promise<Footprint> {
  await startAndStop(churn, 1, 1) // its first line says how many goroutines there are
  const pid = churn.rig.worker.pid
  const redis = new Redis(churn.rig.redisUrl)
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    const field = (name: string) =>
      Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? Number.NaN)
    const tasks = readdirSync(`/proc/${pid}/task`)
    const children = tasks.flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean),
    )
    return {
      files: readdirSync(`/proc/${pid}/fd`).length,
      threads: field('Threads'),
      children: children.length,
      rssBytes: field('VmRSS') * 1024,
      channels: ((await redis.call('PUBSUB', 'CHANNELS', '*')) as string[]).length,
      goroutines: churn.goroutines(),
    }
  } finally {
    redis.disconnect()
  }
}

/**
 * Sockets linger for a moment, and a heap gives back with delay what it took at the busiest. What leaks does not
 * come back: the least of each over some looks says what is held for good. Takes more looks while anything is above
 * the limit, until patience ends.
 */
export async function measureLeast(churn: Churn, limit?: Footprint): Promise<Footprint> {
  let least = await measure(churn)
  let looks = 1
  const keys = Object.keys(least) as (keyof Footprint)[]
  await waitUntil(async () => {
    const now = await measure(churn)
    least = Object.fromEntries(keys.map((key) => [key, Math.min(least[key], now[key])])) as Footprint
    looks += 1
    return looks >= LOOKS && (!limit || keys.every((key) => least[key] <= limit[key]))
  }, SETTLE_MS)
  return least
}

/** What may be held after many starts: pools keep a few of what they had at the busiest moment. */
export function toLimit(before: Footprint, slack: { count: number; rssBytes: number }): Footprint {
  const { count, rssBytes } = slack
  return {
    files: before.files + count,
    threads: before.threads + count,
    children: before.children,
    rssBytes: before.rssBytes + rssBytes,
    channels: before.channels + count,
    goroutines: before.goroutines + count,
  }
}
