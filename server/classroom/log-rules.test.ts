import { describe, expect, test } from 'vitest'
import { Rehearsal } from '../../tests/support/rehearsal'
import { ANSWER_KEPT_MS, ANSWERS_A_PERSON } from './answers'
import { evolve } from './evolve'
import { emptyClass } from './state'
import { findRow } from './table'
import { upcast } from './upcast'

describe('log', () => {
  test('[LOG1] numbers rise by one and time never goes back, whatever the clock does', () => {
    const c = Rehearsal.live(2)
    c.now -= 500_000
    c.as('t', { name: 'chat:send', text: 'hi' })
    const facts = c.steps.flatMap((s) => s.facts)
    expect(facts.map((f) => f.seq)).toEqual(facts.map((_, i) => i + 1))
    for (const [i, fact] of facts.entries()) expect(fact.at).toBeGreaterThanOrEqual(facts[i - 1]?.at ?? 0)
  })

  test('[LOG2] facts that went through JSON give the same state', () => {
    const c = Rehearsal.live(3, { seats: 1 })
    c.as('s2', { name: 'hand:raise', text: 'hello' })
    const facts = JSON.parse(JSON.stringify(c.steps.flatMap((s) => s.facts)))
    const again = facts.reduce(evolve, emptyClass('cls_1', c.state.settings))
    expect(again).toEqual(c.state)
  })

  test('[LOG3] a resend changes nothing and has the first answer; after ten minutes it is a new command', () => {
    const c = Rehearsal.live(1)
    const first = c.as('s1', { name: 'chat:send', text: 'once' }, 'same')
    c.as('t', { name: 'chat:send', text: 'between' })
    const again = c.as('s1', { name: 'chat:send', text: 'once' }, 'same')
    expect(again).toEqual({ ok: true, seq: first.ok && first.seq, facts: [] })
    c.now += ANSWER_KEPT_MS
    expect(c.as('s1', { name: 'chat:send', text: 'once' }, 'same')).toMatchObject({
      facts: [{ type: 'chat.sent' }],
    })
  })

  test("[LOG3] another person's id means nothing, a refusal is decided anew, and memory is bounded a person", () => {
    const c = Rehearsal.live(2)
    c.as('s1', { name: 'chat:send', text: 'mine' }, 'same')
    expect(c.as('s2', { name: 'chat:send', text: 'mine too' }, 'same')).toMatchObject({
      facts: [{ type: 'chat.sent' }],
    })
    c.as('t', { name: 'class:quiet', on: true })
    expect(c.as('s1', { name: 'hand:raise' }, 'later')).toMatchObject({ code: 'quiet' })
    c.as('t', { name: 'class:quiet', on: false })
    expect(c.as('s1', { name: 'hand:raise' }, 'later')).toMatchObject({ ok: true })
    for (let i = 0; i < ANSWERS_A_PERSON * 2; i++) c.as('s1', { name: 'chat:send', text: 'x' })
    expect(Object.keys(findRow(c.state.answers, 's1') ?? {})).toHaveLength(ANSWERS_A_PERSON)
  })

  test('[LOG5] a fact of a newer version, or of no known type, is unknown', () => {
    expect(upcast({ type: 'class.started', v: 2 })).toBe('unknown')
    expect(upcast({ type: 'class.exploded', v: 1 })).toBe('unknown')
    expect(upcast({ type: 'toString', v: 1 })).toBe('unknown')
    expect(upcast({ type: 'class.started', v: 1 })).toMatchObject({ type: 'class.started' })
  })
})
