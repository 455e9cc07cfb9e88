import { expect, test } from 'vitest'
import { FloodGuard } from './flood-guard'

const limits = { perSecond: 20, burst: 40, patience: 10, blockMs: 30_000 }

function takeMany(count: number, now: number, guard = new FloodGuard(limits)) {
  return Array.from({ length: count }, () => guard.take(now).kind)
}

test('[FLOOD1] a burst passes, what exceeds it is told when to try again', () => {
  const guard = new FloodGuard(limits)
  expect(takeMany(40, 1000, guard)).not.toContain('wait')
  expect(guard.take(1000)).toEqual({ kind: 'wait', retryAfterMs: 50 })
  expect(guard.take(1050)).toEqual({ kind: 'pass' })
})

test('[FLOOD2] the rate goes on for ever', () => {
  const guard = new FloodGuard(limits)
  const verdicts = Array.from({ length: 2000 }, (_, i) => guard.take(1000 + i * 50).kind)
  expect(new Set(verdicts)).toEqual(new Set(['pass']))
})

test('[FLOOD3] who does not heed the answers is blocked for a while, then forgiven', () => {
  const guard = new FloodGuard(limits)
  expect(takeMany(51, 1000, guard).at(-1)).toBe('flood')
  expect(guard.blockedMs(2000)).toBe(29_000)
  expect(guard.take(30_999).kind).toBe('flood')
  expect(guard.isIdle(30_999)).toBe(false)
  expect(guard.take(31_000).kind).toBe('pass')
})

test('[FLOOD4] a clock that steps back neither fills nor empties anything', () => {
  const guard = new FloodGuard(limits)
  takeMany(40, 5000, guard)
  expect(guard.take(1000).kind).toBe('wait')
})

test('[FLOOD7] what is dear counts as many commands', () => {
  const guard = new FloodGuard(limits)
  const verdicts = Array.from({ length: 5 }, () => guard.take(1000, 10).kind)
  expect(verdicts).toEqual(['pass', 'pass', 'pass', 'pass', 'wait'])
  expect(guard.take(1250, 10)).toEqual({ kind: 'wait', retryAfterMs: 250 })
  expect(guard.take(1500, 10)).toEqual({ kind: 'pass' })
})
