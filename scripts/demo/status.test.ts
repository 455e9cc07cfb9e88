import { expect, test } from 'vitest'
import { toStatusLine } from './status'
import { createTally } from './tally'

const nowhere = { seat: 0, overflow: 0, waiting: 0, away: 0, watching: 0 }

test('the status line says where the students are, what they did and what went wrong', () => {
  const tally = createTally()
  tally.count('hands')
  tally.count('messages')
  for (let ms = 1; ms <= 100; ms++) tally.ack(ms)
  tally.refuse('rate_limited')
  tally.refuse('quiet')
  tally.refuse('rate_limited')
  const line = toStatusLine(65_000, { ...nowhere, seat: 3, overflow: 7, watching: 7 }, 'start', tally)
  expect(line).toBe(
    '01:05  seat 3, overflow 7, waiting 0 | hands 1 (0 lowered), questions 0, votes 0, messages 1 | ' +
      'players 7 (0 reloads, 0 parts) | refusals 3 (quiet 1, rate_limited 2), p95 ack 95 ms | errors 0',
  )
})

test('whoever waits is told with what they wait for', () => {
  const line = toStatusLine(0, { ...nowhere, waiting: 4, away: 6 }, 'start', createTally())
  expect(line).toContain('waiting 4 (for Start class), away 6')
  expect(line).toContain('p95 ack -')
})
