import { expect, test } from 'vitest'
import { defaultSettings } from '../../server/classroom/settings'
import { type ClassState, emptyClass } from '../../server/classroom/state'
import { TRIM_AFTER_MS, toPlan } from './plan'
import { isWanted } from './wanted'

const live: ClassState = { ...emptyClass('cls_a', { ...defaultSettings, seats: 10 }), phase: 'live' }

test('a broadcast is wanted when somebody is in overflow, seats run out, or the class is recorded', () => {
  expect(isWanted(live)).toBe(false)
  expect(isWanted({ ...live, tiers: { overflow: 1, waiting: 0 } })).toBe(true)
  expect(isWanted({ ...live, seats: { held: 7 } })).toBe(false)
  expect(isWanted({ ...live, seats: { held: 8 } })).toBe(true)
  expect(isWanted({ ...live, settings: { ...live.settings, recording: 'on' } })).toBe(true)
})

test('a class without seats wants one as long as somebody is there', () => {
  const none: ClassState = { ...live, settings: { ...live.settings, seats: 0 } }
  expect(isWanted(none)).toBe(false)
  expect(isWanted({ ...none, desks: { held: 1 } })).toBe(true)
  expect(isWanted({ ...none, tiers: { overflow: 1, waiting: 0 } })).toBe(true)
})

test('a broadcast is never wanted before or after the class', () => {
  const full: ClassState = { ...live, tiers: { overflow: 5, waiting: 0 } }
  expect(isWanted({ ...full, phase: 'draft' })).toBe(false)
  expect(isWanted({ ...full, phase: 'ended' })).toBe(false)
})

const plan = (state: ClassState) => toPlan(state, 30)
const DAY_MS = 24 * 3_600_000
const run = { runId: 'run_1', base: 0, orderedAt: 1 }

test('the plan holds every run that produced something, in order', () => {
  const runs = [
    { ...run, end: { segments: 4, lastParts: 3 } },
    { runId: 'run_2', base: 4, orderedAt: 2, end: { segments: 0, lastParts: 0 } },
    { runId: 'run_3', base: 4, orderedAt: 3 },
  ]
  const state: ClassState = { ...live, broadcast: { state: 'on', since: 3, runs } }
  expect(plan(state)).toEqual({
    classId: 'cls_a',
    ended: false,
    recorded: false,
    recording: [],
    runs: [
      { runId: 'run_1', base: 0, end: { segments: 4, lastParts: 3 } },
      { runId: 'run_3', base: 4 },
    ],
  })
})

test('a plan has ended when the class has and the broadcast is off', () => {
  const ended: ClassState = { ...live, phase: 'ended', endedAt: 1_000 }
  expect(plan(ended).ended).toBe(true)
  expect(plan({ ...ended, broadcast: { state: 'on', since: 1, runs: [run] } }).ended).toBe(false)
})

test('[KEEP1] the plan says which times are recorded, and where the chapters begin', () => {
  const chapters = [{ kind: 'screen', at: 7, text: 'Why?' }] as const
  const state: ClassState = { ...live, recording: { spans: [{ from: 5, to: 9 }, { from: 12 }] }, chapters }
  expect(plan(state)).toMatchObject({
    recorded: true,
    recording: [{ from: 5, to: 9 }, { from: 12 }],
    chapters: [{ at: 7, title: 'Why?' }],
  })
  expect(plan(state)).not.toHaveProperty('keepUntil')
})

test('[KEEP2] of an ended class the plan says until when it is kept: not at all, for its days, or until it was deleted', () => {
  const broadcast = { state: 'off', runs: [{ ...run, end: { segments: 4, lastParts: 3 } }] } as const
  const ended: ClassState = { ...live, phase: 'ended', endedAt: 1_000, broadcast }
  expect(plan(ended).keepUntil).toBe(1_000 + TRIM_AFTER_MS)
  const recorded: ClassState = { ...ended, recording: { spans: [{ from: 5, to: 1_000 }] } }
  expect(plan(recorded)).toMatchObject({ trimAt: 1_000 + TRIM_AFTER_MS, keepUntil: 1_000 + 30 * DAY_MS })
  expect(toPlan(recorded, 0).keepUntil).toBeGreaterThan(1e15)
  const deleted: ClassState = { ...ended, recording: { spans: [], deletedAt: 2_000 } }
  expect(plan(deleted)).toMatchObject({ recorded: false, trimAt: 2_000, keepUntil: 2_000 })
})
