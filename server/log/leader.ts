import type { Redis } from 'ioredis'
import type { Envelope } from '../classroom/commands'
import type { Context } from '../classroom/decision'
import type { Logger } from '../logger'
import { untilReady } from '../redis/connect'
import { append } from './append'
import { draft, type Verdict } from './draft'
import type { Follower } from './follow'
import type { Head } from './head'
import type { Lease } from './lease'
import { BUSY_RETRY_MS, GROUP_COMMANDS, QUEUE_COMMANDS, UNAVAILABLE_RETRY_MS } from './limits'
import type { Outcome } from './outcome'
import { rewriteWithout } from './rewrite'
import type { Rules } from './rules'

/** `lost`: not decided here, as this process leads no more. */
export type Led = Outcome | 'lost'

/** Redis may be connected and refuse all the same: full, loading, a cluster without one of its shards. */
const LOOK_AGAIN_MS = 20

/** Decides the commands of one class in the order they come, many with one append. */
export interface Leader {
  readonly lease: Lease
  submit(envelope: Envelope): Promise<Led>
  /** Takes nothing more. Resolves when what was queued is settled. */
  stop(): Promise<void>
}

export type LeaderDeps = {
  redis: Redis
  rules: Rules
  follower: Follower
  lease: Lease
  logger: Logger
  now(): number
  newId: Context['newId']
  newNonce(): string
  /** The archive is too far behind for more facts. */
  isLagging(): boolean
  /** Up to where the class is archived. */
  findPosition(classId: string): Promise<Head | null>
  redisPatienceMs: number
  /** Somebody with a newer lease leads. */
  onFenced(): void
}

type Queued = { envelope: Envelope; resolve: (led: Led) => void; reject: (error: unknown) => void }

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS))
}

function findErased({ envelope: { by, command } }: Queued): string | null {
  return by.kind === 'system' && command.name === 'person:erase' ? command.personId : null
}

const busy: Outcome = { ok: false, kind: 'busy', retryAfterMs: BUSY_RETRY_MS }
const unavailable: Outcome = { ok: false, kind: 'unavailable', retryAfterMs: UNAVAILABLE_RETRY_MS }

export function createLeader(deps: LeaderDeps): Leader {
  const { follower, lease, rules, redis } = deps
  const { classId } = follower
  let queue: Queued[] = []
  let pumping: Promise<void> | null = null
  let stopped = false

  async function pump() {
    while (queue.length > 0) {
      const group = takeGroup()
      try {
        const led = await carryOut(group)
        if (led !== 'settled') for (const { resolve } of group) resolve(led)
      } catch (error) {
        for (const { reject } of group) reject(error)
      }
    }
    pumping = null
  }

  /** An erasure is a group of its own: the log is rewritten after it. */
  function takeGroup(): Queued[] {
    const next = queue.slice(0, GROUP_COMMANDS)
    const erasure = next.findIndex((queued) => findErased(queued) !== null)
    const group = erasure < 0 ? next : next.slice(0, Math.max(1, erasure))
    queue = queue.slice(group.length)
    return group
  }

  async function carryOut(group: Queued[]): Promise<'settled' | Led> {
    const [first] = group
    const personId = first ? findErased(first) : null
    if (!first || personId === null) return commit(group)
    const led = await new Promise<Led>((resolve, reject) => {
      const decide = commit([{ envelope: first.envelope, resolve, reject }])
      decide.then((led) => led !== 'settled' && resolve(led), reject)
    })
    if (typeof led !== 'object' || !led.ok) return led
    return (await rewriteWithout(follower, personId, deps.findPosition)) ? led : unavailable
  }

  async function commit(group: Queued[]): Promise<'settled' | Led> {
    const deadline = performance.now() + deps.redisPatienceMs
    const tried = new Map<string, Verdict[]>()
    for (;;) {
      if (follower.closed) return 'lost'
      const from = follower.head
      const context = { now: deps.now(), newId: deps.newId }
      const envelopes = group.map((queued) => queued.envelope)
      const { verdicts, facts, states } = draft(rules, follower.state, envelopes, context)
      if (facts.length === 0) return settle(group, verdicts)
      const nonce = deps.newNonce()
      try {
        tried.set(nonce, verdicts)
        const appended = await append(redis, classId, { from, term: lease.term, nonce, facts })
        switch (appended.kind) {
          case 'appended':
            follower.advance(
              facts.map((fact) => ({ fact, nonce })),
              appended.head,
              states,
            )
            return settle(group, verdicts)
          case 'fenced':
            deps.onFenced()
            return 'lost'
          case 'conflict':
            if ((await follower.absorb(appended.read)) === 'unavailable') throw new Error('Redis went away')
        }
      } catch (error) {
        // The answer is lost, and the facts may be history all the same.
        if (tried.size === 1) deps.logger.warn({ err: error, classId }, 'An append was not answered')
        else await pause()
        if (!(await resync(deadline))) return unavailable
      }
      const committed = [...tried].find(([sent]) => follower.history.has(sent))
      if (committed) return settle(group, committed[1])
    }
  }

  async function resync(deadline: number): Promise<boolean> {
    while (performance.now() < deadline) {
      await untilReady(redis, Math.max(0, deadline - performance.now()))
      if (redis.status !== 'ready') return false
      const caughtUp = await follower.catchUp()
      if (caughtUp !== 'unavailable') return true
      await pause()
    }
    return false
  }

  function settle(group: Queued[], verdicts: Verdict[]): 'settled' {
    group.forEach(({ resolve, reject }, i) => {
      const verdict = verdicts[i]
      if (verdict?.kind === 'outcome') resolve(verdict.outcome)
      else reject(verdict?.error)
    })
    return 'settled'
  }

  return {
    lease,
    submit(envelope) {
      if (stopped) return Promise.resolve('lost')
      if (queue.length >= QUEUE_COMMANDS || deps.isLagging()) return Promise.resolve(busy)
      return new Promise((resolve, reject) => {
        queue.push({ envelope, resolve, reject })
        pumping ??= pump()
      })
    },
    async stop() {
      stopped = true
      await pumping
    },
  }
}
