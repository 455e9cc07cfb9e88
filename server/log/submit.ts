import type { Redis } from 'ioredis'
import type { Envelope } from '../classroom/commands'
import { untilReady } from '../redis/connect'
import type { Follower } from './follow'
import type { Leader, Led } from './leader'
import type { Leadership } from './leadership'
import { UNAVAILABLE_RETRY_MS } from './limits'
import type { Outcome } from './outcome'
import type { Passing } from './passing'
import type { Timing } from './timing'

/** A lease changes hands within a few of these. */
const RETRY_MS = 40

export type SubmitDeps = {
  redis: Redis
  leadership: Leadership
  passing: Passing
  timing: Timing
}

const unavailable: Outcome = { ok: false, kind: 'unavailable', retryAfterMs: UNAVAILABLE_RETRY_MS }

/**
 * Takes a command to whoever decides: this process, if it leads or nobody does; else the leader, again and again under
 * the same id until it answers, or its lease is free, or the time is over.
 */
export async function submitTo(deps: SubmitDeps, follower: Follower, envelope: Envelope): Promise<Outcome> {
  const { redis, leadership, timing } = deps
  const deadline = performance.now() + timing.submitTimeoutMs
  const patience = performance.now() + timing.redisPatienceMs
  while (performance.now() < deadline && !follower.closed) {
    const led = await once(deps, follower, envelope)
    if (typeof led === 'object') return led
    if (redis.status !== 'ready' && !(await untilReady(redis, Math.max(0, patience - performance.now())))) {
      return unavailable
    }
    if (!leadership.find(follower.classId)) await pause()
  }
  return unavailable
}

async function once(deps: SubmitDeps, follower: Follower, envelope: Envelope): Promise<Led | 'silent'> {
  const { leadership, passing } = deps
  const { classId } = follower
  const here: Leader | null = leadership.find(classId)
  if (here) return here.submit(envelope)
  const taken = await leadership.take(follower)
  if (taken.kind === 'leading') return taken.leader.submit(envelope)
  if (taken.kind !== 'held') return 'lost'
  const led = await passing.pass(taken.by, classId, envelope)
  // Whoever was answered may look at the state of this process next.
  if (typeof led === 'object' && led.ok && led.seq > follower.head.seq) await follower.catchUp()
  return led
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, RETRY_MS * (0.5 + Math.random())))
}
