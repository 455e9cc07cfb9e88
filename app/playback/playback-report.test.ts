import { expect, test } from 'vitest'
import { parseCommand } from '../../server/protocol/commands'
import { toPlaybackReport } from './playback-report'

const id = 'b1a8f6de-1f0c-4d43-9c1d-3a1a7a5d9e10'
const playing = { phase: 'playing', delayMs: 2_100, following: true } as const
const starting = { phase: 'starting', delayMs: null, following: true } as const

test('a player says how late its picture is, its stalls and its rendition', () => {
  const report = { delayMs: 2_100, stalls: 1, level: 2, following: true }
  expect(toPlaybackReport(playing, { stalls: 1, level: 2 })).toEqual(report)
})

test('without a picture yet it reports all the same, without a delay', () => {
  const report = { stalls: 0, level: -1, following: true }
  expect(toPlaybackReport(starting, { stalls: 0, level: -1 })).toEqual(report)
})

test('who paused, or was paused by the browser before the first picture, does not follow', () => {
  const paused = { phase: 'paused', delayMs: null, following: true } as const
  expect(toPlaybackReport(paused, { stalls: 0, level: -1 }).following).toBe(false)
})

test('the gateway takes every report, also one of a clock that is wrong', () => {
  for (const delayMs of [null, -300, 0, 9e15]) {
    const report = toPlaybackReport({ ...playing, delayMs }, { stalls: 1e9, level: 0 })
    expect(parseCommand('playback:report', { id, ...report })).toMatchObject({ ok: true })
  }
})
