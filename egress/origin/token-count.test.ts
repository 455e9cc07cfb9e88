import { expect, test } from 'vitest'
import { HELD_IN_ALL, HELD_PER_CLASS } from './limits'
import { createTokenCount, type Holder } from './token-count'

const viewer = (id: string): Holder => ({ kind: 'viewer', id })
const all = (id: string): Holder => ({ kind: 'class', id })

test('[CNT1] nobody has more than a token may have, and giving back makes room', () => {
  const count = createTokenCount({ viewer: 2, class: 3 })
  const [a, b] = [viewer('a'), viewer('b')]
  expect([a, a, a, b].map(count.count)).toEqual([null, null, 'holder', null])
  count.release(a)
  expect([count.count(a), count.total()]).toEqual([null, 3])
})

test('[CNT2] all together have no more than there is', () => {
  const count = createTokenCount({ viewer: 1, class: 2 }, 3)
  const [a, b, c] = [viewer('a'), viewer('b'), all('c')]
  expect([c, c, a, b].map(count.count)).toEqual([null, null, null, 'total'])
  count.release(c)
  expect([a, b].map(count.count)).toEqual(['holder', null])
})

test('[CNT3] those who share a class’s token have a share of the whole, and leave the rest to other classes', () => {
  const count = createTokenCount({ viewer: 1, class: HELD_PER_CLASS }, HELD_IN_ALL)
  const greedy = Array.from({ length: HELD_IN_ALL }, () => count.count(all('cls_greedy')))
  expect(greedy.filter((refused) => refused === null)).toHaveLength(HELD_PER_CLASS)
  expect(new Set(greedy.slice(HELD_PER_CLASS))).toEqual(new Set(['holder']))
  expect([all('cls_other'), viewer('cls_greedy')].map(count.count)).toEqual([null, null])
  count.release(all('cls_greedy'))
  expect([count.count(all('cls_greedy')), count.count(all('cls_greedy'))]).toEqual([null, 'holder'])
})
