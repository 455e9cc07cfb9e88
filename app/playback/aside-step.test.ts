import { beforeEach, describe, expect, test } from 'vitest'
import { type AsideRoom, decideAsideStep, evolveAsideRoom, roomAtFirst } from './aside-step'

const step = { mainRate: 1, sinceJumpMs: 60_000 }

test('in step it keeps the pace of the first picture', () => {
  expect(decideAsideStep({ ...step, aheadMs: 20 })).toEqual({ kind: 'rate', rate: 1 })
  expect(decideAsideStep({ ...step, aheadMs: -25, mainRate: 1.1 })).toEqual({ kind: 'rate', rate: 1.1 })
})
test('a little off is corrected by rate, the right way', () => {
  expect(decideAsideStep({ ...step, aheadMs: 200 })).toEqual({ kind: 'rate', rate: 0.8 })
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
describe('room for a second picture', () => {
  type Link = Omit<Parameters<typeof evolveAsideRoom>[1], 'at'>
  const fine: Link = { standing: false, carried: 'picture', targetMs: 1_200 }
  let room: AsideRoom
  let at: number
  beforeEach(() => {
    at = 0
    room = roomAtFirst(at)
  })
  /** Looks at it four times a second, as the player tells of itself; with how long there was room, s. */
  function pass(seconds: number, link: Partial<Link> = {}): number {
    let looks = 0
    for (const until = at + seconds * 1_000; at < until; at += 250) {
      room = evolveAsideRoom(room, { ...fine, ...link, at })
      if (room.room) looks += 1
    }
    return looks / 4
  }

  test('is there from the beginning', () => {
    expect(pass(1)).toBe(1)
  })
  test('stays while the first picture halts for a moment', () => {
    pass(5)
    expect(pass(0.75, { standing: true })).toBe(0.75)
    expect(pass(5)).toBe(5)
  })
  test('is back soon after an outage, as after a broadcast that was started anew', () => {
    pass(30)
    expect(pass(5, { standing: true })).toBeLessThan(1.5)
    expect(pass(4)).toBeGreaterThan(0.5)
  })
  test('goes at once from a link that is late or too weak for one picture', () => {
    expect(pass(1, { targetMs: 3_400 })).toBe(0)
    room = roomAtFirst(at)
    expect(pass(1, { carried: 'sound-weak' })).toBe(0)
  })
  test('comes back later each time that it came back too early', () => {
    pass(30)
    const waited: number[] = []
    for (let time = 0; time < 3; time++) {
      pass(2, { standing: true })
      const from = at
      while (!room.room) pass(0.25)
      waited.push((at - from) / 1_000)
    }
    expect(waited[1]).toBeGreaterThan((waited[0] ?? 0) * 1.5)
    expect(waited[2]).toBeGreaterThan((waited[1] ?? 0) * 1.5)
  })
  test('forgets of a link that proved good', () => {
    pass(2, { standing: true })
    pass(10)
    pass(2, { standing: true })
    pass(100)
    pass(2, { standing: true })
    expect(pass(4)).toBeGreaterThan(0.5)
  })
})
