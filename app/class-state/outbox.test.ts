import { expect, test } from 'vitest'
import type { Ack } from '../../server/protocol/events'
import { findExpired, type Pending, toRetry, withoutPending, withPending } from './outbox'

const raise: Pending = { id: 'a', name: 'hand:raise', payload: {}, since: 1_000, busy: 0 }
const no = (code: string, retryable: boolean): Ack => ({
  ok: false,
  error: { code, message: code, retryable, retryAfterMs: 200 },
})

test('a command waits until it is answered', () => {
  const outbox = withPending([], raise)
  expect(outbox).toEqual([raise])
  expect(withoutPending(outbox, 'a')).toEqual([])
})
test('a busy server is asked again under the same id', () => {
  expect(toRetry(raise, no('busy', true))).toEqual({ afterMs: 200, pending: { ...raise, busy: 1 } })
})
test('it is not asked for ever', () => {
  expect(toRetry({ ...raise, busy: 3 }, no('busy', true))).toBeNull()
})
test('a refusal is an answer, also one that may be tried again by the person', () => {
  expect(toRetry(raise, no('rate_limited', true))).toBeNull()
  expect(toRetry(raise, { ok: true, seq: 4 })).toBeNull()
})
test('a command nobody answered within half a minute has expired', () => {
  expect(findExpired([raise], 30_999)).toEqual([])
  expect(findExpired([raise], 31_000)).toEqual([raise])
})
