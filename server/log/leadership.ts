import { openClassesKey } from '../redis/names'
import { createDeadlineTimer } from './deadline-timer'
import type { CaughtUp, Follower } from './follow'
import type { Head } from './head'
import { createLeader, type Leader, type LeaderDeps } from './leader'
import { confirmWhole, type Lease, releaseLease, renewLease, takeLease } from './lease'
import { REBUILD_GAP } from './limits'
import type { Scribe } from './scribe'
import type { Timing } from './timing'

export type LeadershipDeps = Pick<LeaderDeps, 'redis' | 'rules' | 'logger' | 'now' | 'newId' | 'newNonce'> & {
  processId: string
  timing: Timing
  scribe: Scribe
  onLead(follower: Follower, leading: boolean): void
}

/** A leader that was one until a moment ago knows more of the newest history than anybody. */
const REMEMBERS_MS = 60_000
/** Taking the lead waits no longer for an archive that does not answer. */
const ARCHIVE_PATIENCE_MS = 1_000

export type TakenLead =
  | { kind: 'leading'; leader: Leader }
  | { kind: 'held'; by: string }
  | { kind: Exclude<CaughtUp, 'current'> }

/** The classes that this process leads. */
export interface Leadership {
  find(classId: string): Leader | null
  readonly count: number
  take(follower: Follower): Promise<TakenLead>
  /** Redis was away, and may have been restarted: of the classes led here it is known whether it lacks anything. */
  confirm(): Promise<void>
  /** Led now or until lately: first to speak when Redis has lost history. */
  remembers(classId: string): boolean
  /** Settles what is queued, then hands the lease to whoever wants it. */
  release(classId: string): Promise<void>
  close(): Promise<void>
}

type Led = { leader: Leader; follower: Follower; renewedAt: number; end(): void }

export function createLeadership(deps: LeadershipDeps): Leadership {
  const { redis, timing, processId, scribe, logger } = deps
  const led = new Map<string, Led>()
  const ledUntil = new Map<string, number>()
  const taking = new Map<string, Promise<TakenLead>>()
  const renewal = setInterval(renewAll, timing.renewMs)
  renewal.unref()

  function renewAll() {
    for (const [classId, one] of led) void renew(classId, one)
    for (const [classId, until] of ledUntil) if (until < performance.now()) ledUntil.delete(classId)
  }

  async function renew(classId: string, one: Led) {
    const sentAt = performance.now()
    // While Redis is away nobody else can take the lease either; but after its time it is not ours for certain.
    const renewed = await renewLease(redis, one.leader.lease, timing.leaseMs).catch(() => null)
    if (renewed) one.renewedAt = sentAt
    const expired = performance.now() - one.renewedAt > timing.leaseMs
    if (renewed === false || (renewed === null && expired)) lose(classId, one, 'its lease ran out')
  }

  function lose(classId: string, one: Led, why: string) {
    if (led.get(classId) !== one) return
    led.delete(classId)
    ledUntil.set(classId, performance.now() + REMEMBERS_MS)
    one.end()
    void one.leader.stop()
    logger.info({ classId, why }, 'Leads a class no more')
    one.follower.setLeading(false)
    deps.onLead(one.follower, false)
  }

  async function take(follower: Follower): Promise<TakenLead> {
    const { classId } = follower
    const existing = led.get(classId)
    if (existing) return { kind: 'leading', leader: existing.leader }
    try {
      const sentAt = performance.now()
      const taken = await takeLease(redis, classId, processId, timing.leaseMs)
      if (taken.kind === 'held') return taken
      const caughtUp = await prepare(follower, taken.whole)
      if (caughtUp !== 'current') {
        await releaseLease(redis, taken.lease)
        return { kind: caughtUp }
      }
      return { kind: 'leading', leader: start(follower, taken.lease, sentAt) }
    } catch (error) {
      logger.debug({ err: error, classId }, 'Could not take the lead')
      return { kind: 'unavailable' }
    }
  }

  /** The archive is asked before Redis: as nobody else leads now, Redis has at least as much, or has lost some. */
  async function prepare(follower: Follower, whole: boolean): Promise<CaughtUp> {
    const archived = await withinTime(scribe.findPosition(follower.classId), ARCHIVE_PATIENCE_MS)
    const caughtUp = await follower.catchUp()
    if (caughtUp !== 'current') return caughtUp
    const { head } = follower
    if (archived && isAhead(archived, head)) return follower.rebuild()
    // What was acknowledged last may be lost without a trace, but for the people who have seen it.
    return whole ? 'current' : follower.fork({ ...head, seq: head.seq + REBUILD_GAP })
  }

  function start(follower: Follower, lease: Lease, renewedAt: number): Leader {
    const { classId } = follower
    const leader = createLeader({
      ...deps,
      follower,
      lease,
      redisPatienceMs: timing.redisPatienceMs,
      isLagging: () => scribe.isLagging(classId),
      findPosition: scribe.findPosition,
      onFenced: () => lose(classId, one, 'another process leads'),
    })
    const deadlines = createDeadlineTimer({
      next: () => deps.rules.nextDeadline(follower.state),
      now: deps.now,
      fire: () => leader.submit({ id: '', by: { kind: 'system' }, command: { name: 'deadlines:pass' } }),
    })
    const stopListening = follower.companion.listen((event) => {
      if (event.kind === 'closed') lose(classId, one, 'closed')
      if (event.kind === 'batch' && event.batch.facts.some((f) => f.type === 'class.created')) {
        void enlist(follower)
      }
      deadlines.reset()
    })
    const stopWriting = scribe.write(follower)
    const one: Led = {
      leader,
      follower,
      renewedAt,
      end() {
        deadlines.stop()
        stopListening()
        stopWriting()
      },
    }
    led.set(classId, one)
    void enlist(follower)
    deadlines.reset()
    logger.info({ classId, term: lease.term }, 'Leads a class')
    follower.setLeading(true)
    deps.onLead(follower, true)
    return leader
  }

  /** Looked after by somebody, also after everybody here is gone, until it is over and the scribe has settled it. */
  async function enlist({ classId, state }: Follower) {
    if (state.seq > 0) await redis.sadd(openClassesKey, classId).catch(() => {})
  }

  async function release(classId: string) {
    const one = led.get(classId)
    if (!one) return
    await one.leader.stop()
    lose(classId, one, 'handed over')
    await releaseLease(redis, one.leader.lease, one.follower.head).catch(() => {})
  }

  return {
    find: (classId) => led.get(classId)?.leader ?? null,
    get count() {
      return led.size
    },
    take(follower) {
      const { classId } = follower
      const pending = taking.get(classId) ?? take(follower).finally(() => taking.delete(classId))
      taking.set(classId, pending)
      return pending
    },
    async confirm() {
      await Promise.all(
        [...led.values()].map(({ follower: { classId, head } }) => confirmWhole(redis, classId, head)),
      )
    },
    remembers: (classId) => led.has(classId) || ledUntil.has(classId),
    release,
    async close() {
      clearInterval(renewal)
      await Promise.all([...led.keys()].map(release))
    },
  }
}

function isAhead(archived: Head, head: Head): boolean {
  return archived.epoch > head.epoch || (archived.epoch === head.epoch && archived.seq > head.seq)
}

async function withinTime<T>(promise: Promise<T>, ms: number): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, ms, null)
  })
  return Promise.race([promise.catch(() => null), late]).finally(() => clearTimeout(timer))
}
