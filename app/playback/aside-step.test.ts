import { expect, test } from 'vitest'
import { affordsAside, decideAsideStep } from './aside-step'

const step = { mainRate: 1, sinceJumpMs: 60_000 }

test('in step it keeps the pace of the first picture', () => {
  expect(decideAsideStep({ ...step, aheadMs: 20 })).toEqual({ kind: 'rate', rate: 1 })
  expect(decideAsideStep({ ...step, aheadMs: -25, mainRate: 1.1 })).toEqual({ kind: 'rate', rate: 1.1 })
})
test('a little off is corrected by rate, the right way', () => {
  expect(decideAsideStep({ ...step, aheadMs: 200 })).toEqual({ kind: 'rate', rate: 0.9 })
  expect(decideAsideStep({ ...step, aheadMs: -500 })).toEqual({ kind: 'rate', rate: 1.25 })
})
test('far off jumps, and waits for what the jump did', () => {
  expect(decideAsideStep({ ...step, aheadMs: -3_000 })).toEqual({ kind: 'jump' })
  expect(decideAsideStep({ aheadMs: 900, mainRate: 1, sinceJumpMs: 100 }).kind).toBe('rate')
})
test('is within 100 ms in four seconds from anything that is not a jump', () => {
  for (const start of [-600, -300, 150, 600]) {
    let aheadMs = start
    for (let at = 0; at < 4_000; at += 100) {
      const next = decideAsideStep({ ...step, aheadMs })
      if (next.kind === 'rate') aheadMs += (next.rate - 1) * 100
    }
    expect(Math.abs(aheadMs)).toBeLessThan(100)
  }
})
test('is the first thing to go on a bad link, and comes back when it has been calm', () => {
  const fine = { exists: true, carried: 'picture', targetMs: 1_200, sinceStallMs: 60_000 } as const
  expect(affordsAside(fine)).toBe(true)
  expect(affordsAside({ ...fine, exists: false })).toBe(false)
  expect(affordsAside({ ...fine, carried: 'sound-weak' })).toBe(false)
  expect(affordsAside({ ...fine, targetMs: 3_400 })).toBe(false)
  expect(affordsAside({ ...fine, sinceStallMs: 5_000 })).toBe(false)
})
