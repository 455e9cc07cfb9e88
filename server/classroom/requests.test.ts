import { describe, expect, test } from 'vitest'
import { Rehearsal } from '../../tests/support/rehearsal'
import { REQUEST_EVERY_MS } from './requests'
import { filterRows } from './table'

function ask(c: Rehearsal, personId: string, text: string): string {
  const made = c.as(personId, { name: 'question:ask', text })
  const fact = made.ok ? made.facts[0] : undefined
  return fact?.type === 'request.made' ? fact.requestId : ''
}

describe('requests', () => {
  test('[REQ1] one open hand a person, and one request a minute', () => {
    const c = Rehearsal.live(1)
    expect(c.as('s1', { name: 'hand:raise' })).toMatchObject({ ok: true })
    expect(c.as('s1', { name: 'hand:raise' })).toMatchObject({ code: 'already_raised' })
    c.now += 20_000
    const early = c.as('s1', { name: 'question:ask', text: 'why?' })
    expect(early).toEqual({ ok: false, code: 'rate_limited', retryAfterMs: REQUEST_EVERY_MS - 20_000 })
    c.now += 40_000
    expect(c.as('s1', { name: 'question:ask', text: 'why?' })).toMatchObject({ ok: true })
  })

  test('[REQ1] whoever is invited for a hand raises no second one', () => {
    const c = Rehearsal.live(1)
    c.as('s1', { name: 'hand:raise' })
    c.as('t', { name: 'stage:invite', personId: 's1', grade: 'audio' })
    c.now += REQUEST_EVERY_MS
    expect(c.as('s1', { name: 'hand:raise' })).toMatchObject({ code: 'already_raised' })
  })

  test('[REQ6] questions are shown at once where the class does not approve them first, hands never', () => {
    const published = (settings: { approveQuestions: boolean }) => {
      const c = Rehearsal.live(2, settings)
      ask(c, 's1', 'Why?')
      c.as('s2', { name: 'hand:raise' })
      return filterRows(c.state.requests, (r) => r.published).map((r) => r.personId)
    }
    expect(published({ approveQuestions: true })).toEqual([])
    expect(published({ approveQuestions: false })).toEqual(['s1'])
  })

  test('[REQ2] overflow counts from what they saw within 10 s, a seat from now, and nobody from the future', () => {
    const c = Rehearsal.live(4, { seats: 1 })
    c.as('s1', { name: 'hand:raise', sawAt: c.now - 5_000 })
    c.as('s2', { name: 'hand:raise', sawAt: c.now - 5_000 })
    c.as('s3', { name: 'hand:raise', sawAt: c.now - 3_600_000 })
    c.as('s4', { name: 'hand:raise', sawAt: c.now + 9_000 })
    const order = new Map(
      [...filterRows(c.state.requests, () => true)].map((r) => [r.personId, r.order - c.now]),
    )
    expect(Object.fromEntries(order)).toEqual({ s1: 0, s2: -5_000, s3: -10_000, s4: 0 })
  })

  test('[REQ3] hands are not published; a merged vote counts once a person', () => {
    const c = Rehearsal.live(4)
    const first = ask(c, 's1', 'Why is the sky blue?')
    const second = ask(c, 's2', 'Why blue?')
    expect(c.as('s3', { name: 'request:vote', requestId: first })).toMatchObject({ code: 'unknown_request' })
    for (const requestId of [first, second]) c.as('t', { name: 'request:publish', requestId })
    c.as('s3', { name: 'request:vote', requestId: first })
    c.as('s3', { name: 'request:vote', requestId: second })
    c.as('s4', { name: 'request:vote', requestId: second })
    c.as('t', { name: 'request:merge', requestId: second, into: first })
    const [kept] = filterRows(c.state.requests, (r) => r.requestId === first)
    expect(kept?.voteCount).toBe(2)
    c.as('s4', { name: 'person:leave' })
    expect(c.as('s4', { name: 'request:vote', requestId: first })).toMatchObject({ code: 'not_in_class' })
    c.as('s4', { name: 'person:join' })
    c.now += 60_000
    c.as('s4', { name: 'hand:raise', text: 'me' })
    const [hand] = filterRows(c.state.requests, (r) => r.kind === 'voice')
    const requestId = hand?.requestId ?? ''
    expect(c.as('t', { name: 'request:publish', requestId })).toMatchObject({ code: 'not_allowed' })
  })

  test('[REQ4] a hand is approved when invited, open again when cancelled, answered when they have spoken', () => {
    const c = Rehearsal.live(1)
    c.as('s1', { name: 'hand:raise' })
    const status = () => filterRows(c.state.requests, () => true)[0]?.status
    const invite = () => {
      c.as('t', { name: 'stage:invite', personId: 's1', grade: 'audio' })
      return c.state.invitations.s1?.invitationId ?? ''
    }
    const first = invite()
    expect(status()).toBe('approved')
    c.as('t', { name: 'stage:cancel', invitationId: first })
    expect(status()).toBe('pending')
    c.as('s1', { name: 'stage:accept', invitationId: invite() })
    c.system({ name: 'stage:seen', personId: 's1', present: true })
    c.as('s1', { name: 'stage:leave' })
    expect(status()).toBe('answered')
  })

  test('[REQ5] only the owner withdraws; only staff decline and lower hands', () => {
    const c = Rehearsal.live(2)
    c.as('s1', { name: 'hand:raise' })
    const requestId = filterRows(c.state.requests, () => true)[0]?.requestId ?? ''
    expect(c.as('s2', { name: 'request:withdraw', requestId })).toMatchObject({ code: 'not_allowed' })
    expect(c.as('s2', { name: 'request:decline', requestId })).toMatchObject({ code: 'not_allowed' })
    expect(c.as('s2', { name: 'hand:lower-all' })).toMatchObject({ code: 'not_allowed' })
    c.as('t', { name: 'hand:lower-all' })
    expect(c.state.pendingRequests).toBe(0)
  })
})
