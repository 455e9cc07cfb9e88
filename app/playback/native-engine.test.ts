import { describe, expect, test } from 'vitest'
import { FakeVideo } from '../../tests/support/fake-video'
import { createNativeEngine, playsNatively } from './native-engine'
import type { Failure } from './recovery'

function setUp() {
  const video = new FakeVideo()
  const failures: Failure[] = []
  const events = { failed: (failure: Failure) => failures.push(failure), renditions: () => undefined }
  return { video, failures, engine: createNativeEngine(video.element, events) }
}
const START = Date.parse('2026-11-23T10:00:00Z')

describe("the browser's own HLS", () => {
  test('plays an address, and goes on only as a new one', () => {
    const { video, engine } = setUp()
    engine.load('/a/index.m3u8')
    expect(video.src).toBe('/a/index.m3u8')
    expect([engine.goOn, engine.mendMedia]).toEqual([undefined, undefined])
    expect(playsNatively(video.element)).toBe(true)
  })
  test('knows the date of the picture from getStartDate, and nothing where that is not known', () => {
    const { video, engine } = setUp()
    expect(engine.dateAt(12)).toBeNull()
    expect(engine.positionOf(START)).toBeNull()
    video.startDate = new Date(START)
    expect(engine.dateAt(12)).toBe(START + 12_000)
    expect(engine.positionOf(START + 30_500)).toBe(30.5)
  })
  test('live is at the end of what can be sought, and a class that has ended has none', () => {
    const { video, engine } = setUp()
    expect(engine.latency()).toBeNull()
    video.seekableUntil = 100
    video.currentTime = 96
    expect(engine.latency()).toMatchObject({ seconds: 4, fresh: true })
    expect(engine.positionBehindLive(3)).toBe(97)
    expect(engine.range()).toEqual({ start: 0, end: 100 })
    video.duration = 100
    expect(engine.latency()).toBeNull()
  })
  test('tells decoder, network and refusal apart, and is silent after its end', () => {
    const { video, engine, failures } = setUp()
    for (const code of [2, 3, 4]) video.fail(code)
    expect(failures.map(({ kind }) => kind)).toEqual(['network', 'media', 'refused'])
    engine.destroy()
    video.fail(2)
    expect(failures).toHaveLength(3)
  })
})
