import { expect, test } from 'vitest'
import { toRecords } from '../../tests/support/recorded-run'
import { FULL_PARTS } from '../../tests/support/run-lines'
import { isReached, isTooFar, parseReload } from './reload'
import { toTimeline } from './timeline'

const full = { parts: FULL_PARTS }
const running = { classId: 'cls_1', ended: false, recorded: true, runs: [{ runId: 'run_a', base: 10 }] }
const shapes = [full, full, { parts: FULL_PARTS.slice(0, 3), open: true }]
/** Segments 10 and 11 are whole with 9 parts each, 12 is open with 3. */
const timeline = toTimeline(running, toRecords({ run_a: shapes }, 0))

test('[RLD1] delivery directives are read from the query', () => {
  expect(parseReload('')).toEqual({ skip: 'no', until: null })
  expect(parseReload('_HLS_msn=12')).toEqual({ skip: 'no', until: { msn: 12, part: null } })
  expect(parseReload('_HLS_msn=12&_HLS_part=0&_HLS_skip=YES')).toEqual({
    skip: 'segments',
    until: { msn: 12, part: 0 },
  })
  expect(parseReload('_HLS_skip=v2&x=1')).toEqual({ skip: 'dates', until: null })
})

test('[RLD2] garbage, a part without its segment and repeated directives are refused', () => {
  const wrong = [
    '_HLS_msn=',
    '_HLS_msn=-1',
    '_HLS_msn=1.5',
    '_HLS_msn=x',
    '_HLS_msn=1e3',
    '_HLS_msn=99999999999',
    '_HLS_part=1',
    '_HLS_msn=1&_HLS_part=-1',
    '_HLS_msn=1&_HLS_msn=2',
    '_HLS_skip=NO',
  ]
  for (const query of wrong) expect(parseReload(query), query).toBeNull()
})

test('[RLD3] a reload is held until the playlist has the segment or the part', () => {
  const reached = (msn: number, part: number | null) => isReached(timeline, 'main', { msn, part })
  expect([reached(11, null), reached(12, null)]).toEqual([true, false])
  expect([reached(12, 2), reached(12, 3), reached(13, 0)]).toEqual([true, false, false])
  expect(reached(3, 0)).toBe(true)
})

test('[RLD4] a part beyond the last of its segment means the first part of the next', () => {
  const atBoundary = toTimeline(running, toRecords({ run_a: [full, full] }, 0))
  expect(isReached(atBoundary, 'main', { msn: 11, part: 8 })).toBe(true)
  expect(isReached(atBoundary, 'main', { msn: 11, part: 9 })).toBe(false)
  expect(isReached(timeline, 'main', { msn: 11, part: 9 })).toBe(true)
})

test('[RLD5] what is further than the segment after the next is refused, not held', () => {
  const tooFar = (msn: number, part: number | null) => isTooFar(timeline, 'main', { msn, part })
  expect([tooFar(12, null), tooFar(13, null), tooFar(14, null)]).toEqual([false, false, true])
  expect([tooFar(12, 14), tooFar(12, 15)]).toEqual([false, true])
})

test('[RLD6] once the class has ended nobody is held or refused', () => {
  const runs = [{ runId: 'run_a', base: 10, end: { segments: 3, lastParts: 3 } }]
  const ended = toTimeline({ ...running, ended: true, runs }, toRecords({ run_a: shapes }, 0))
  expect(isReached(ended, 'main', { msn: 500, part: 0 })).toBe(true)
  expect(isTooFar(ended, 'main', { msn: 500, part: 0 })).toBe(false)
})
