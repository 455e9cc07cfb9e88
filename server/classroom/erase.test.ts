import { describe, expect, test } from 'vitest'
import { Rehearsal } from '../../tests/support/rehearsal'
import { ERASED_NAME, eraseFact, eraseState } from './erase'
import { findRow } from './table'
import { toClassView } from './to-class-view'

const SECRET = /Name of s1|secret/

/** A class in which s1 has left words everywhere. */
function talkative(): Rehearsal {
  const c = Rehearsal.live(3)
  c.as('s1', { name: 'question:ask', text: 'secret question' })
  const [request] = Object.values(toClassView(c.state, 'staff').requests)
  c.as('t', { name: 'request:publish', requestId: request?.requestId ?? '' })
  c.as('t', { name: 'screen:show', requestId: request?.requestId ?? '' })
  c.as('s1', { name: 'chat:send', text: 'secret message' })
  c.as('s2', { name: 'chat:send', text: 'mine stays' })
  c.now += 60_000
  c.as('s1', { name: 'hand:raise', text: 'secret hand' })
  c.as('t', { name: 'stage:invite', personId: 's1', grade: 'audio' })
  const [invitation] = Object.values(c.state.invitations)
  const { invitationId = '' } = invitation ?? {}
  c.as('s1', { name: 'stage:progress', invitationId, step: 'blocked', error: 'secret microphone' })
  return c
}

describe('erasing', () => {
  test('[LOG7] who is erased is removed, and what they wrote leaves every screen', () => {
    const c = talkative()
    const erased = c.system({ name: 'person:erase', personId: 's1' })
    expect(erased.ok && erased.facts.map((fact) => fact.type)).toEqual([
      'stage.cancelled',
      'request.withdrawn',
      'chat.removed',
      'screen.cleared',
      'person.removed',
    ])
    expect(c.as('s1', { name: 'person:join' })).toMatchObject({ ok: false, code: 'removed' })
    expect(c.system({ name: 'person:erase', personId: 's1' })).toMatchObject({ ok: true, facts: [] })
  })

  test('[LOG7] nothing of theirs is in the state or in the facts after it, and others keep their words', () => {
    const c = talkative()
    c.system({ name: 'person:erase', personId: 's1' })
    const state = eraseState(c.state, 's1')
    const facts = c.steps.flatMap((step) => step.facts).map((fact) => eraseFact(fact, 's1'))
    expect(JSON.stringify([state, facts])).not.toMatch(SECRET)
    expect(JSON.stringify(state)).toContain('mine stays')
    expect(findRow(state.people, 's1')?.name).toBe(ERASED_NAME)
    expect(facts.map(({ type, seq, at }) => ({ type, seq, at }))).toEqual(
      c.steps.flatMap((step) => step.facts).map(({ type, seq, at }) => ({ type, seq, at })),
    )
  })

  test('[LOG7] a teacher is erased without leaving the class alone; an ended class can be erased from', () => {
    const c = talkative()
    c.as('t', { name: 'screen:show', text: 'secret of the teacher', language: 'en' })
    c.system({ name: 'person:erase', personId: 't' })
    expect(c.placeOf('t')).toBe('desk')
    expect(JSON.stringify(eraseState(c.state, 't'))).not.toMatch(/Name of t"|secret of/)
    c.as('t', { name: 'class:end' })
    expect(c.system({ name: 'person:erase', personId: 's1' })).toMatchObject({ ok: true })
    expect(c.placeOf('s1')).toBe('removed')
  })

  test('[LOG7] nobody in the class can erase', () => {
    const c = talkative()
    const by = { kind: 'person', personId: 't' } as const
    expect(c.submit(by, { name: 'person:erase', personId: 's1' })).toMatchObject({ code: 'not_allowed' })
  })
})
