import { expect, it } from 'vitest'
import { findPlace, toStretches } from './fact-history'

const epochs = [
  { head: { epoch: 2, seq: 120 }, continues: { seq: 100 } },
  { head: { epoch: 3, seq: 300 }, continues: { seq: 250 } },
]

it('reads a class that never lost anything as one stretch', () => {
  const { stretch, seq } = findPlace(toStretches([]), { epoch: 1, seq: 7 })
  expect([stretch.epoch, seq, stretch.until]).toEqual([1, 7, Number.POSITIVE_INFINITY])
})

it('leaves out what an epoch had after the point where it was left', () => {
  const stretches = toStretches(epochs)
  expect(stretches).toEqual([
    { epoch: 1, from: 0, until: 100 },
    { epoch: 2, from: 120, until: 250 },
    { epoch: 3, from: 300, until: Number.POSITIVE_INFINITY },
  ])
  expect(findPlace(stretches, { epoch: 1, seq: 100 })).toEqual({ stretch: stretches[1], seq: 120 })
  expect(findPlace(stretches, { epoch: 2, seq: 249 })).toEqual({ stretch: stretches[1], seq: 249 })
})

it('waits at a cursor of an epoch that the archive has not heard of', () => {
  expect(findPlace(toStretches(epochs), { epoch: 9, seq: 5 }).seq).toBe(5)
})
