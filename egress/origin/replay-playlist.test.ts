import { expect, test } from 'vitest'
import { readMediaPlaylist } from '../../tests/protocol-checks/media-playlist'
import { checkPlaylist } from '../../tests/protocol-checks/playlist-validator'
import { toRecords } from '../../tests/support/recorded-run'
import { FULL_PARTS } from '../../tests/support/run-lines'
import type { BroadcastPlan } from '../plan'
import { renderMediaPlaylist } from './media-playlist'
import { toTimeline } from './timeline'

const START = Date.parse('2026-11-23T10:00:00.000Z')
const full = { parts: FULL_PARTS }
const runs = [{ runId: 'run_a', base: 0, end: { segments: 5, lastParts: 9 } }]
const records = toRecords({ run_a: [full, full, full, full, full] }, START)

function render(recording: BroadcastPlan['recording'], form: 'replay' | 'live', variant = 'main'): string {
  const plan = { classId: 'cls_1', ended: true, recorded: true, recording, runs }
  return renderMediaPlaylist(toTimeline(plan, records), variant, form)
}
const listed = (text: string) =>
  text.split('\n').filter((line) => line.endsWith('.m4s') || line === '#EXT-X-DISCONTINUITY')

test('[RPL1] a replay has what was recorded, with a discontinuity where something is left out', () => {
  const recording = [
    { from: START + 1_000, to: START + 4_100 },
    { from: START + 6_000 - 500, to: START + 20_000 },
  ]
  const text = render(recording, 'replay')
  expect(listed(text)).toEqual([
    'run_a/main-1.m4s',
    '#EXT-X-DISCONTINUITY',
    'run_a/main-3.m4s',
    'run_a/main-4.m4s',
  ])
  expect(text).toContain('#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-DISCONTINUITY-SEQUENCE:0')
  expect(text.endsWith('#EXT-X-ENDLIST\n')).toBe(true)
  expect(checkPlaylist(readMediaPlaylist(text))).toEqual([])
})

test('[RPL2] all renditions leave out the same segments', () => {
  const recording = [{ from: START + 1_000, to: START + 6_100 }]
  const numbers = (variant: string) =>
    listed(render(recording, 'replay', variant)).map((line) => line.replace(variant, ''))
  expect(numbers('audio')).toEqual(numbers('main'))
})

test('[RPL3] a class of which all was recorded is listed whole', () => {
  expect(listed(render([{ from: START - 1 }], 'replay'))).toHaveLength(5)
  expect(render([{ from: START - 1 }], 'replay')).toBe(render(undefined, 'replay'))
})
