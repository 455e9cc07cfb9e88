import { describe, expect, test } from 'vitest'
import { Rehearsal } from '../../tests/support/rehearsal'
import { PEOPLE_LIMIT } from './admission'
import type { Role } from './people'

const toRegister = (personId: string, role: Role) =>
  ({ name: 'person:register', personId, displayName: personId, role, language: 'en' }) as const

describe('life of a class', () => {
  test('[LIFE1] draft, live, ended; starting and ending twice is no error, starting after the end is', () => {
    const c = new Rehearsal()
    c.enter('t', 'teacher')
    expect(c.as('t', { name: 'class:start' })).toMatchObject({ ok: true })
    expect(c.as('t', { name: 'class:start' })).toMatchObject({ ok: true, facts: [] })
    expect(c.as('t', { name: 'class:end' })).toMatchObject({ ok: true })
    expect(c.as('t', { name: 'class:end' })).toMatchObject({ ok: true, facts: [] })
    expect(c.as('t', { name: 'class:start' })).toMatchObject({ ok: false, code: 'class_ended' })
    expect(c.state.phase).toBe('ended')
  })

  test('[LIFE2] [LOG4] neither student nor assistant can start, end or set up a class', () => {
    const c = new Rehearsal()
    c.enter('a', 'assistant')
    c.enter('s')
    for (const who of ['a', 's']) {
      for (const name of ['class:start', 'class:end'] as const) {
        expect(c.as(who, { name })).toMatchObject({ ok: false, code: 'not_allowed' })
      }
      expect(c.as(who, { name: 'class:settings', seats: 9 })).toMatchObject({ code: 'not_allowed' })
    }
    expect(c.submit({ kind: 'api' }, { name: 'class:start' })).toMatchObject({ ok: true })
  })

  test('[LIFE3] at the end the stage is empty, and nothing but leaving is accepted', () => {
    const c = Rehearsal.live(1)
    c.as('t', { name: 'stage:invite', personId: 's1', grade: 'audio' })
    const invitationId = Object.values(c.state.invitations)[0]?.invitationId ?? ''
    c.as('s1', { name: 'stage:accept', invitationId })
    c.as('t', { name: 'class:end' })
    expect(c.state.stage).toEqual({})
    expect(c.as('s1', { name: 'chat:send', text: 'bye' })).toMatchObject({ code: 'class_ended' })
    expect(c.as('s1', { name: 'person:leave' })).toMatchObject({ ok: true })
  })

  test('[LIFE4] quiet stops students, not staff', () => {
    const c = Rehearsal.live(1)
    c.as('t', { name: 'class:quiet', on: true })
    expect(c.as('s1', { name: 'hand:raise' })).toMatchObject({ code: 'quiet' })
    expect(c.as('s1', { name: 'question:ask', text: '?' })).toMatchObject({ code: 'quiet' })
    expect(c.as('s1', { name: 'chat:send', text: 'x' })).toMatchObject({ code: 'quiet' })
    expect(c.as('t', { name: 'chat:send', text: 'x' })).toMatchObject({ ok: true })
    c.as('t', { name: 'class:quiet', on: false })
    expect(c.as('s1', { name: 'hand:raise' })).toMatchObject({ ok: true })
  })
})

describe('admission', () => {
  test('[JOIN1] [JOIN2] who waits before the start gets a seat in the order of coming, then overflow', () => {
    const c = new Rehearsal({ seats: 2 })
    c.enter('t', 'teacher')
    for (const id of ['s1', 's2', 's3']) c.enter(id)
    expect(['s1', 's2', 's3'].map((id) => c.placeOf(id))).toEqual(['waiting', 'waiting', 'waiting'])
    c.as('t', { name: 'class:start' })
    expect(['s1', 's2', 's3'].map((id) => c.placeOf(id))).toEqual(['seat', 'seat', 'overflow'])
  })

  test('[JOIN1] [JOIN2] with a lobby students wait until somebody lets them in', () => {
    const c = Rehearsal.live(0, { lobby: true, seats: 1 })
    c.enter('s1')
    c.enter('s2')
    expect(c.placeOf('s2')).toBe('waiting')
    c.as('t', { name: 'person:admit', personId: 's2' })
    expect([c.placeOf('s1'), c.placeOf('s2')]).toEqual(['waiting', 'seat'])
    c.as('t', { name: 'person:admit', all: true })
    expect(c.placeOf('s1')).toBe('overflow')
  })

  test('[JOIN1] somebody let in before the start gets their place when the class starts', () => {
    const c = new Rehearsal({ lobby: true, seats: 1 })
    c.enter('t', 'teacher')
    c.enter('s1')
    c.enter('s2')
    c.as('t', { name: 'person:admit', personId: 's2' })
    c.as('t', { name: 'class:start' })
    expect([c.placeOf('s1'), c.placeOf('s2')]).toEqual(['waiting', 'seat'])
  })

  test('[JOIN3] [SEAT3] joining again gives the same place, and the last seat goes to exactly one', () => {
    const c = Rehearsal.live(3, { seats: 1 })
    expect(['s1', 's2', 's3'].map((id) => c.placeOf(id))).toEqual(['seat', 'overflow', 'overflow'])
    expect(c.as('s1', { name: 'person:join' })).toMatchObject({ ok: true, facts: [] })
    expect(c.placeOf('s1')).toBe('seat')
    expect(c.state.seats.held).toBe(1)
  })

  test('[JOIN4] a locked class lets no new student in and keeps who is in', () => {
    const c = Rehearsal.live(1)
    c.as('t', { name: 'class:settings', entry: 'locked' })
    const late = {
      name: 'person:register',
      personId: 's9',
      displayName: 'Late',
      role: 'student',
      language: 'en',
    } as const
    expect(c.system(late)).toMatchObject({ ok: false, code: 'class_locked' })
    expect(c.as('s1', { name: 'person:join' })).toMatchObject({ ok: true })
    expect(c.placeOf('s1')).toBe('seat')
  })

  test('[JOIN8] a class that very many have been in takes no further student, but staff', () => {
    const c = Rehearsal.live(1)
    c.state = { ...c.state, people: { ...c.state.people, size: PEOPLE_LIMIT } }
    expect(c.system(toRegister('late', 'student'))).toMatchObject({ ok: false, code: 'class_full' })
    expect(c.system(toRegister('s1', 'student'))).toMatchObject({ ok: true, facts: [] })
    expect(c.system(toRegister('helper', 'assistant'))).toMatchObject({ ok: true })
  })

  test('[JOIN5] who is removed cannot come back, and a teacher cannot be removed', () => {
    const c = Rehearsal.live(1)
    c.as('t', { name: 'person:remove', personId: 's1' })
    expect(c.as('s1', { name: 'person:join' })).toMatchObject({ ok: false, code: 'removed' })
    c.enter('a', 'assistant')
    expect(c.as('a', { name: 'person:remove', personId: 't' })).toMatchObject({ code: 'not_allowed' })
  })

  test('[JOIN6] who is gone takes hand, invitation and stage along; a question stays', () => {
    const c = Rehearsal.live(2)
    c.as('s1', { name: 'question:ask', text: 'why?' })
    c.now += 61_000
    c.as('s1', { name: 'hand:raise' })
    c.as('t', { name: 'stage:invite', personId: 's1', grade: 'audio' })
    c.system({ name: 'person:gone', personId: 's1' })
    expect(c.placeOf('s1')).toBe('outside')
    expect(c.state.invitations).toEqual({})
    expect(c.state.pendingRequests).toBe(1)
  })

  test('[JOIN7] staff take no seat, and nobody changes their own role', () => {
    const c = Rehearsal.live(0, { seats: 1 })
    c.enter('a', 'assistant')
    expect(c.state.seats.held).toBe(0)
    expect(c.as('t', { name: 'person:role', personId: 't', role: 'student' })).toMatchObject({
      code: 'not_allowed',
    })
    expect(c.as('a', { name: 'person:role', personId: 'a', role: 'teacher' })).toMatchObject({
      code: 'not_allowed',
    })
  })
})
