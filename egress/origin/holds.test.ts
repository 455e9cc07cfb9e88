import { expect, test, vi } from 'vitest'
import { createHolds } from './holds'

const LONG_MS = 60_000
const never = new AbortController().signal

test('[HLD1] what is there already is not waited for', async () => {
  expect(await createHolds().hold('a', () => true, LONG_MS, never)).toBe('changed')
})

test('[HLD2] one question releases all who wait for the same', async () => {
  const holds = createHolds()
  let isSettled = false
  const ask = vi.fn(() => isSettled)
  const waiting = Promise.all([1, 2, 3].map(() => holds.hold('a', ask, LONG_MS, never)))
  const asked = ask.mock.calls.length
  isSettled = true
  holds.settle()
  expect(await waiting).toEqual(['changed', 'changed', 'changed'])
  expect(ask.mock.calls.length - asked).toBe(1)
  expect(holds.size()).toBe(0)
})

test('[HLD3] who waits too long, goes away, or is there when the origin stops, is released', async () => {
  const holds = createHolds()
  const leaving = new AbortController()
  const late = holds.hold('a', () => false, 1, never)
  const gone = holds.hold('a', () => false, LONG_MS, leaving.signal)
  const last = holds.hold('b', () => false, LONG_MS, never)
  leaving.abort()
  expect(await gone).toBe('closed')
  expect(await late).toBe('timeout')
  holds.close()
  expect(await last).toBe('closed')
  expect(holds.size()).toBe(0)
})
