import { expect, test } from 'vitest'
import { createHolds, type HoldOutcome } from './holds'

const LONG_MS = 60_000

/** Waits for `key`; the second of the pair takes it back. */
function wait(holds: ReturnType<typeof createHolds>, key: string, isSettled: () => boolean, ms = LONG_MS) {
  let takeBack = () => {}
  const outcome = new Promise<HoldOutcome>((resolve) => {
    takeBack = holds.hold(key, isSettled, ms, resolve)
  })
  return [outcome, takeBack] as const
}

test('[HLD1] all that wait for the same are released by one look', async () => {
  const holds = createHolds()
  let settled = false
  let looks = 0
  const isSettled = () => {
    looks += 1
    return settled
  }
  const held = Array.from({ length: 100 }, () => wait(holds, 'part', isSettled)[0])
  holds.settle()
  settled = true
  holds.settle()
  expect(new Set(await Promise.all(held))).toEqual(new Set(['changed']))
  expect([looks, holds.size()]).toEqual([2, 0])
})

test('[HLD2] a wait ends when its time is over, when it is taken back, and when the origin goes down', async () => {
  const holds = createHolds()
  const [late] = wait(holds, 'a', () => false, 1)
  expect(await late).toBe('timeout')
  const [, takeBack] = wait(holds, 'b', () => false)
  takeBack()
  expect(holds.size()).toBe(0)
  const [closed] = wait(holds, 'c', () => false)
  holds.close()
  expect(await closed).toBe('closed')
  expect(holds.size()).toBe(0)
})
