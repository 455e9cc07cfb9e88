import { describe, expect, test } from 'vitest'
import { Rehearsal } from '../../tests/support/rehearsal'
import { nextDeadline } from './deadlines'
import { OFFER_MS } from './seats'

function offeredTo(c: Rehearsal): string[] {
  return Object.keys(c.state.offers)
}

describe('seats', () => {
  test('[SEAT4] a seat that comes free is offered to the first in line, then to the next', () => {
    const c = Rehearsal.live(4, { seats: 1 })
    c.as('s1', { name: 'person:leave' })
    expect(offeredTo(c)).toEqual(['s2'])
    expect(nextDeadline(c.state)).toBe(c.now + OFFER_MS)
    c.now += OFFER_MS
    c.system({ name: 'deadlines:pass' })
    expect(offeredTo(c)).toEqual(['s3'])
    c.as('s3', { name: 'seat:accept', offerId: c.state.offers.s3?.offerId ?? '' })
    expect(c.placeOf('s3')).toBe('seat')
    expect(offeredTo(c)).toEqual([])
  })

  test('[SEAT4] an offer that is over cannot be taken any more', () => {
    const c = Rehearsal.live(3, { seats: 1 })
    c.as('s1', { name: 'person:leave' })
    const offerId = c.state.offers.s2?.offerId ?? ''
    c.now += OFFER_MS
    c.system({ name: 'deadlines:pass' })
    expect(c.as('s2', { name: 'seat:accept', offerId })).toMatchObject({ code: 'unknown_offer' })
  })

  test('[SEAT5] who declines leaves the line; who wants again stands at its end', () => {
    const c = Rehearsal.live(3, { seats: 1 })
    c.as('s1', { name: 'person:leave' })
    c.as('s2', { name: 'seat:decline', offerId: c.state.offers.s2?.offerId ?? '' })
    expect(offeredTo(c)).toEqual(['s3'])
    c.as('s2', { name: 'seat:want', want: true })
    c.as('s3', { name: 'seat:decline', offerId: c.state.offers.s3?.offerId ?? '' })
    expect(offeredTo(c)).toEqual(['s2'])
  })

  test('[SEAT2] [SEAT6] a lowered limit throws nobody out, a raised one makes offers', () => {
    const c = Rehearsal.live(4, { seats: 2 })
    c.as('t', { name: 'class:settings', seats: 1 })
    expect(c.state.seats.held).toBe(2)
    c.as('s1', { name: 'seat:release' })
    expect(offeredTo(c)).toEqual([])
    c.as('t', { name: 'class:settings', seats: 3 })
    expect(offeredTo(c)).toEqual(['s3', 's4'])
  })

  test('staff give and take a seat', () => {
    const c = Rehearsal.live(2, { seats: 1 })
    expect(c.as('t', { name: 'seat:give', personId: 's2' })).toMatchObject({ code: 'no_free_seat' })
    c.as('t', { name: 'seat:take', personId: 's1' })
    expect(c.placeOf('s1')).toBe('overflow')
    expect(c.as('s1', { name: 'seat:give', personId: 's1' })).toMatchObject({ code: 'not_allowed' })
    c.as('t', { name: 'seat:give', personId: 's2' })
    expect(c.placeOf('s2')).toBe('seat')
  })
})
