import { expect, test } from 'vitest'
import type { PersonView, RequestView } from '../../../server/classroom/view'
import { toQueue } from './queue'

const request = (
  requestId: string,
  order: number,
  more: Partial<RequestView> = {},
): [string, RequestView] => [
  requestId,
  {
    requestId,
    kind: 'voice',
    status: 'pending',
    published: false,
    madeAt: order,
    order,
    votes: 0,
    anonymous: false,
    personId: requestId,
    ...more,
  },
]
const person = (personId: string, spoken: number): PersonView => ({
  personId,
  name: personId,
  role: 'student',
  language: 'en',
  tier: 'seat',
  spoken,
})
const ids = (queue: RequestView[]) => queue.map(({ requestId }) => requestId)

test('who reacted first comes first, whenever it arrived', () => {
  const requests = Object.fromEntries([request('late', 200), request('early', 100)])
  expect(ids(toQueue(requests, {}, 'first', 'all'))).toEqual(['early', 'late'])
})
test('who has not spoken yet comes first where that is the policy', () => {
  const requests = Object.fromEntries([request('a', 100), request('b', 200)])
  const people = { a: person('a', 2), b: person('b', 0) }
  expect(ids(toQueue(requests, people, 'not-yet-spoken', 'all'))).toEqual(['b', 'a'])
})
test('what is done is not in the queue', () => {
  const requests = Object.fromEntries([
    request('answered', 1, { status: 'answered' }),
    request('withdrawn', 2, { status: 'withdrawn' }),
    request('invited', 3, { status: 'approved' }),
  ])
  expect(ids(toQueue(requests, {}, 'first', 'all'))).toEqual(['invited'])
})
test('hands and questions can be seen apart', () => {
  const requests = Object.fromEntries([request('hand', 1), request('question', 2, { kind: 'text' })])
  expect(ids(toQueue(requests, {}, 'first', 'text'))).toEqual(['question'])
})
test('by lot neither the first nor the last to come has an advantage, and the order stays when others come', () => {
  const names = Array.from({ length: 40 }, (_, i) => `req_${i}`)
  const draw = (among: string[]) =>
    ids(toQueue(Object.fromEntries(among.map((id, i) => request(id, i))), {}, 'random', 'all'))
  const drawn = draw(names)
  expect(drawn).not.toEqual(names)
  expect([...drawn].sort()).toEqual([...names].sort())
  expect(draw(names.slice(0, 20))).toEqual(drawn.filter((id) => names.indexOf(id) < 20))
})
