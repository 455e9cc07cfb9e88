import { expect, test } from 'vitest'
import { parseName, toInitName, toPartName, toPlaylistName, toReplayName, toSegmentName } from './names'

test('[NAM1] every name in a playlist is understood when it is asked for', () => {
  const run = { runId: 'run_a', variant: 'main' }
  expect(parseName('index.m3u8')).toEqual({ kind: 'multivariant' })
  expect(parseName(toPlaylistName('main'))).toEqual({ kind: 'playlist', variant: 'main', whole: false })
  expect(parseName(toReplayName('main'))).toEqual({ kind: 'playlist', variant: 'main', whole: true })
  expect(parseName(toInitName('run_a', 'main', 2))).toEqual({ kind: 'init', ...run, init: 2 })
  expect(parseName(toSegmentName('run_a', 'main', 17))).toEqual({ kind: 'segment', ...run, number: 17 })
  expect(parseName(toPartName('run_a', 'main', 17, 3))).toEqual({
    kind: 'part',
    ...run,
    number: 17,
    part: 3,
  })
})

test('[NAM2] a rendition may be called anything that needs no encoding, even with a dash and a number', () => {
  expect(parseName(toSegmentName('run_a', 'p-360', 0))).toEqual({
    kind: 'segment',
    runId: 'run_a',
    variant: 'p-360',
    number: 0,
  })
})

test('[NAM3] nothing else is a name: no paths, no encodings, no second spelling of a number', () => {
  const wrong = [
    '',
    'journal.ndjson',
    'run_a/journal.ndjson',
    '../run_a/main-0.m4s',
    'run_a/../main-0.m4s',
    'run_a//main-0.m4s',
    'run_a/main-00.m4s',
    'run_a/main-1.01.m4s',
    'run_a/main--1e3.m4s',
    'run_a/main-1.m4s/',
    'run_a%2fmain-1.m4s',
    'x/run_a/main-1.m4s',
    'run_a/main-1.mp4',
    'run_a/main-init-x.mp4',
    'a.b.m3u8',
    `run_a/main-${'9'.repeat(20)}.m4s`,
  ]
  for (const name of wrong) expect(parseName(name), name).toBeNull()
})
