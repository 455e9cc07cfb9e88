import { expect, test } from 'vitest'
import type { PersonView } from '../../../server/classroom/view'
import { findPeople, findWaiting } from './people-list'

const person = (name: string, more: Partial<PersonView>): [string, PersonView] => [
  name,
  { personId: name, name, role: 'student', language: 'en', tier: 'seat', spoken: 0, ...more },
]
const people = Object.fromEntries([
  person('Zoë Müller', { since: 3 }),
  person('Ada', { since: 5, tier: 'overflow' }),
  person('Mr Smith', { since: 9, role: 'teacher' }),
  person('Carl', { since: 2, tier: 'waiting' }),
  person('Bea', { since: 1, tier: 'waiting' }),
  person('Gone', { tier: null }),
])
const names = (found: PersonView[]) => found.map(({ name }) => name)

test('staff stand first, students as they came', () => {
  expect(names(findPeople(people, ''))).toEqual(['Mr Smith', 'Zoë Müller', 'Ada'])
})
test('a name is found by a part of it, with or without its accents', () => {
  expect(names(findPeople(people, 'muller zoe'))).toEqual(['Zoë Müller'])
  expect(names(findPeople(people, 'nobody'))).toEqual([])
})
test('the line before the door is in order', () => {
  expect(names(findWaiting(people))).toEqual(['Bea', 'Carl'])
})
