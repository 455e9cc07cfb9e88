import { expect, test } from 'vitest'
import { defaultSettings } from '../../server/classroom/settings'
import { type ClassState, emptyClass } from '../../server/classroom/state'
import { toPlan } from './plan'
import { isWanted } from './wanted'

const live: ClassState = { ...emptyClass('cls_a', { ...defaultSettings, seats: 10 }), phase: 'live' }

test('a broadcast is wanted when somebody is in overflow, seats run out, or the class is recorded', () => {
  expect(isWanted(live)).toBe(false)
  expect(isWanted({ ...live, tiers: { overflow: 1, waiting: 0 } })).toBe(true)
  expect(isWanted({ ...live, seats: { held: 7 } })).toBe(false)
  expect(isWanted({ ...live, seats: { held: 8 } })).toBe(true)
  expect(isWanted({ ...live, settings: { ...live.settings, recording: 'on' } })).toBe(true)
})

test('a broadcast is never wanted before or after the class', () => {
  const full: ClassState = { ...live, tiers: { overflow: 5, waiting: 0 } }
  expect(isWanted({ ...full, phase: 'draft' })).toBe(false)
  expect(isWanted({ ...full, phase: 'ended' })).toBe(false)
})

test('the plan holds every run that produced something, in order', () => {
  const runs = [
    { runId: 'run_1', base: 0, orderedAt: 1, end: { segments: 4, lastParts: 3 } },
    { runId: 'run_2', base: 4, orderedAt: 2, end: { segments: 0, lastParts: 0 } },
    { runId: 'run_3', base: 4, orderedAt: 3 },
  ]
  const state: ClassState = { ...live, broadcast: { state: 'on', since: 3, runs } }
  expect(toPlan(state)).toEqual({
    classId: 'cls_a',
    ended: false,
    recorded: false,
    runs: [
      { runId: 'run_1', base: 0, end: { segments: 4, lastParts: 3 } },
      { runId: 'run_3', base: 4 },
    ],
  })
})

test('a plan has ended when the class has and the broadcast is off', () => {
  const ended: ClassState = { ...live, phase: 'ended' }
  expect(toPlan(ended).ended).toBe(true)
  const run = { runId: 'run_1', base: 0, orderedAt: 1 }
  expect(toPlan({ ...ended, broadcast: { state: 'on', since: 1, runs: [run] } }).ended).toBe(false)
})
