import { expect, test } from 'vitest'
import { createTokenCount } from './token-count'

test('[CNT1] nobody has more than a token may have, and giving back makes room', () => {
  const count = createTokenCount(2)
  expect([count.count('a'), count.count('a'), count.count('a'), count.count('b')]).toEqual([
    null,
    null,
    'token',
    null,
  ])
  count.release('a')
  expect([count.count('a'), count.total()]).toEqual([null, 3])
})

test('[CNT2] all together have no more than there is; who shares a token counts in that alone', () => {
  const count = createTokenCount(1, 3)
  expect([null, null, null, null].map((holder) => count.count(holder))).toEqual([null, null, null, 'total'])
  count.release(null)
  expect([count.count('a'), count.count('a'), count.count('b')]).toEqual([null, 'token', 'total'])
})
