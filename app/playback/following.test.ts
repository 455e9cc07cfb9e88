import { describe, expect, test } from 'vitest'
import { decideStep, type Situation } from './following'

const atTarget: Situation = {
  latencySeconds: 1.2,
  targetSeconds: 1.2,
  leastSeconds: 1.2,
  aheadSeconds: 1,
  standing: false,
  fresh: true,
  sinceJumpMs: 60_000,
  woken: false,
  rate: 1,
}

describe('a viewer who follows live', () => {
  test('plays at its own pace near the target', () => {
    for (const latencySeconds of [1.05, 1.2, 1.4]) {
      expect(decideStep({ ...atTarget, latencySeconds })).toEqual({ kind: 'rate', rate: 1 })
    }
  })
  test('a little late catches up by a rate that is not heard, and all the way', () => {
    expect(decideStep({ ...atTarget, latencySeconds: 2.2 })).toEqual({ kind: 'rate', rate: 1.06 })
    expect(decideStep({ ...atTarget, latencySeconds: 4.9 })).toEqual({ kind: 'rate', rate: 1.1 })
    expect(decideStep({ ...atTarget, latencySeconds: 1.3, rate: 1.05 })).toEqual({ kind: 'rate', rate: 1.02 })
  })
  test('does not speed up with nothing in reserve', () => {
    expect(decideStep({ ...atTarget, latencySeconds: 3, aheadSeconds: 0.3 })).toEqual({
      kind: 'rate',
      rate: 1,
    })
  })
  test('far away jumps, and lets a jump show what it did', () => {
    expect(decideStep({ ...atTarget, latencySeconds: 11 })).toEqual({ kind: 'jump' })
    expect(decideStep({ ...atTarget, latencySeconds: 11, sinceJumpMs: 500 }).kind).toBe('rate')
  })
  test('does not jump into the unknown during an outage', () => {
    expect(decideStep({ ...atTarget, latencySeconds: 11, standing: true, fresh: false }).kind).toBe('rate')
  })
  test('a picture that stands anyway jumps sooner', () => {
    const late = { ...atTarget, latencySeconds: 4, aheadSeconds: 0 }
    expect(decideStep({ ...late, standing: true })).toEqual({ kind: 'jump' })
    expect(decideStep(late).kind).toBe('rate')
  })
  test('a picture that stands although there is more to play is not helped by a jump', () => {
    const late = { ...atTarget, latencySeconds: 4, aheadSeconds: 2.8, standing: true }
    expect(decideStep(late).kind).toBe('wake')
  })
  test('a picture that stands with enough to go on is woken, once', () => {
    const stands = { ...atTarget, standing: true }
    expect(decideStep({ ...stands, aheadSeconds: 0.5 })).toEqual({ kind: 'wake' })
    expect(decideStep({ ...stands, aheadSeconds: 0.3 }).kind).toBe('rate')
    expect(decideStep({ ...stands, aheadSeconds: 0.5, standing: false }).kind).toBe('rate')
    expect(decideStep({ ...stands, aheadSeconds: 2.5, woken: true }).kind).toBe('rate')
  })
  test('on a network that takes more it is not woken before it has that', () => {
    const stands = { ...atTarget, standing: true, targetSeconds: 3, latencySeconds: 3 }
    expect(decideStep({ ...stands, aheadSeconds: 1.7 }).kind).toBe('rate')
    expect(decideStep({ ...stands, aheadSeconds: 1.9 })).toEqual({ kind: 'wake' })
  })
  test('too near slows down gently', () => {
    expect(decideStep({ ...atTarget, targetSeconds: 4 })).toEqual({ kind: 'rate', rate: 0.95 })
  })
})
