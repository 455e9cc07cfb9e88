import type { Tally } from './tally'

/** Where the students are at this moment. `away`: not connected yet, or for the moment. */
export type Places = { seat: number; overflow: number; waiting: number; away: number; watching: number }
/** What those who wait wait for. */
export type WaitingFor = 'start' | 'admission'

/** One line for the operator: all counts are since the demo began. */
export function toStatusLine(
  elapsedMs: number,
  places: Places,
  waitingFor: WaitingFor,
  tally: Tally,
): string {
  const { hands, lowered, questions, votes, messages, declined, reloads, parts } = tally.done
  const why = waitingFor === 'start' ? 'for Start class' : 'to be let in'
  const p95 = tally.p95AckMs()
  const groups = [
    [
      `seat ${places.seat}`,
      `overflow ${places.overflow}`,
      `waiting ${places.waiting}${places.waiting > 0 ? ` (${why})` : ''}`,
      ...(places.away > 0 ? [`away ${places.away}`] : []),
    ],
    [
      `hands ${hands} (${lowered} lowered)`,
      `questions ${questions}`,
      `votes ${votes}`,
      `messages ${messages}`,
    ],
    ...(declined > 0 ? [[`invitations declined ${declined}`]] : []),
    [`players ${places.watching} (${reloads} reloads, ${parts} parts)`],
    [`refusals ${toCounts(tally.refusals)}`, `p95 ack ${p95 === null ? '-' : `${Math.round(p95)} ms`}`],
    [`errors ${toCounts(tally.errors)}`],
  ]
  return `${toClock(elapsedMs)}  ${groups.map((group) => group.join(', ')).join(' | ')}`
}

/** `3 (quiet 1, rate_limited 2)`, or `0`. */
function toCounts(counts: ReadonlyMap<string, number>): string {
  const sum = [...counts.values()].reduce((total, count) => total + count, 0)
  const each = [...counts].map(([name, count]) => `${name} ${count}`).sort()
  return sum === 0 ? '0' : `${sum} (${each.join(', ')})`
}

function toClock(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  const two = (value: number) => String(value).padStart(2, '0')
  return `${two(Math.floor(seconds / 60))}:${two(seconds % 60)}`
}
