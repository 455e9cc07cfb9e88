import { expect, test } from 'vitest'
import { Rehearsal } from '../tests/support/rehearsal'
import { toStayChanges, toStayCorrections } from './stays'

test('stays follow people from tier to tier and onto the stage', () => {
  const class_ = Rehearsal.live(2, { seats: 1 })
  class_.as('t', { name: 'stage:invite', personId: 's1', grade: 'audio' })
  const invitation = Object.values(class_.state.invitations)[0]
  class_.as('s1', { name: 'stage:accept', invitationId: invitation?.invitationId ?? '' })
  class_.system({ name: 'stage:seen', personId: 's1', present: true })
  class_.as('s1', { name: 'seat:release' })
  const facts = class_.steps.flatMap((step) => step.facts)
  const { begun, ended } = toStayChanges([], facts)
  expect(ended).toEqual([])
  expect(begun.map((s) => `${s.personId} ${s.place} ${s.leftAt === null ? 'open' : 'over'}`)).toEqual(
    expect.arrayContaining(['t seat open', 's1 seat over', 's2 overflow open', 's1 overflow open']),
  )
})

test('what facts made is what the state says: nothing is left to correct', () => {
  const class_ = Rehearsal.live(3, { seats: 2 })
  class_.as('s1', { name: 'person:leave' })
  class_.as('t', { name: 'person:role', personId: 's2', role: 'assistant' })
  const facts = class_.steps.flatMap((step) => step.facts)
  const open = toStayChanges([], facts).begun.filter((stay) => stay.leftAt === null)
  expect(toStayCorrections(open, class_.state)).toEqual({ ended: [], begun: [] })
})

test('the end of a class ends all stays, also those begun before these facts', () => {
  const class_ = Rehearsal.live(1)
  class_.now += 5_000
  class_.as('t', { name: 'class:end' })
  const facts = class_.steps.at(-1)?.facts ?? []
  const { ended, begun } = toStayChanges([{ personId: 's1', place: 'seat' }], facts)
  expect(begun).toEqual([])
  expect(ended).toEqual([{ personId: 's1', place: 'seat', leftAt: class_.now }])
})
