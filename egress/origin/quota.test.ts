import { expect, test } from 'vitest'
import { chooseVictims, type KeptClass, SETTLED_MS } from './quota'

const NOW = 100 * SETTLED_MS
const kept = (classId: string, kind: KeptClass['kind'], bytes: number, age: number): KeptClass => ({
  classId,
  kind,
  bytes,
  changedAt: NOW - age * SETTLED_MS,
})
const classes = [
  kept('old recorded', 'recorded', 10, 9),
  kept('older live', 'live', 10, 10),
  kept('young unrecorded', 'unrecorded', 10, 2),
  kept('old unrecorded', 'unrecorded', 10, 8),
  kept('unrecorded of just now', 'unrecorded', 10, 0.5),
  kept('nobody’s', 'unknown', 10, 50),
]
const victims = (quota: number) => chooseVictims(classes, quota, NOW).map(({ classId }) => classId)

test('[QUO1] nothing goes while all fits', () => {
  expect(victims(60)).toEqual([])
})

test('[QUO2] the oldest that was not recorded goes first, what was recorded last', () => {
  expect(victims(50)).toEqual(['old unrecorded'])
  expect(victims(35)).toEqual(['old unrecorded', 'young unrecorded', 'old recorded'])
})

test('[QUO3] a class that is on, that has just ended, or that nobody knows, never goes', () => {
  expect(victims(0)).toEqual(['old unrecorded', 'young unrecorded', 'old recorded'])
})
