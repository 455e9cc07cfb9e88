import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { FakeVideo } from '../../tests/support/fake-video'
import type { Engine, EngineEvents, EngineOptions } from './engine'
import { atFirst, createPlayerStore, type PlayerState } from './player-state'
import type { Failure } from './recovery'
import { createSession } from './session'

const START = Date.parse('2026-11-23T10:00:00Z')
const MASTER = 'https://origin/t1/cls_1/index.m3u8'
const SOUND = 'https://origin/t1/cls_1/audio.m3u8'

class FakeEngine {
  calls: string[] = []
  edge = 60
  fresh = true
  constructor(
    readonly video: FakeVideo,
    readonly events: EngineEvents,
    readonly options: EngineOptions,
  ) {}
  load = (url: string) => void this.calls.push(`load ${url}`)
  goOn = () => void this.calls.push('go-on')
  mendMedia = () => void this.calls.push('mend')
  dateAt = (position: number) => START + position * 1_000
  positionOf = (date: number) => (date - START) / 1_000
  latency = () => ({ seconds: this.edge - this.video.currentTime, leastSeconds: 1.2, fresh: this.fresh })
  loadBy = (by: string) => void this.calls.push(`by ${by}`)
  roundTripMs = () => 20
  positionBehindLive = (seconds: number) => this.edge - seconds
  /** Whether it has got a playlist. */
  listed = true
  range = () => (this.listed ? { start: 0, end: this.edge } : null)
  chapters = () => []
  pictures = () => []
  renew = () => true
  setRendition = (index: number | null) => void this.calls.push(`rendition ${index}`)
  climb = () => void this.calls.push('climb')
  descend = () => void this.calls.push('descend')
  rendition = () => 0
  bitsPerSecond = () => 5_000_000
  recentBitsPerSecond = () => 5_000_000
  destroy = () => void this.calls.push('destroy')
}

beforeEach(() => {
  vi.useFakeTimers({ now: 0 })
  vi.stubGlobal('fetch', async () => new Response('', { status: 503 }))
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

function setUp(change: Partial<PlayerState> = {}) {
  const page = { visible: true }
  const video = new FakeVideo()
  const engines: FakeEngine[] = []
  const asked: boolean[] = []
  const store = createPlayerStore({ ...atFirst, ...change })
  const session = createSession(
    video.element,
    {
      live: true,
      startLow: false,
      now: () => START + 61_000 + Date.now(),
      clock: () => Date.now(),
      random: () => 0.5,
      isPageVisible: () => page.visible,
      async findAddress(fresh) {
        asked.push(fresh)
        return fresh ? MASTER.replace('t1', 't2') : MASTER
      },
      createEngine(_video, events, options) {
        const engine = new FakeEngine(video, events, options)
        engines.push(engine)
        return engine satisfies Engine
      },
    },
    store,
  )
  const newest = () => {
    const engine = engines.at(-1)
    if (!engine) throw new Error('no engine')
    return engine
  }
  /** The class goes on, and with it the picture if it `moves`. */
  async function live(seconds: number, moves = true, loads = moves) {
    for (let passed = 0; passed < seconds; passed += 0.25) {
      newest().edge += 0.25
      if (moves && !video.paused) video.advance(0.25 * video.playbackRate)
      video.loadedUntil = loads ? newest().edge - 0.1 : video.currentTime
      await vi.advanceTimersByTimeAsync(250)
    }
  }
  async function begin() {
    await vi.advanceTimersByTimeAsync(1)
    video.currentTime = newest().edge - 1.2
    await live(5)
  }
  return { page, video, store, session, engines, asked, newest, live, begin }
}

describe('a viewer of the broadcast', () => {
  test('waits for the first picture, then sees it, and how late it is', async () => {
    const { store, begin, newest } = setUp()
    expect(store.read().phase).toBe('starting')
    await begin()
    expect(newest().calls).toContain(`load ${MASTER}`)
    expect(store.read()).toMatchObject({ phase: 'playing', following: true, delayMs: 2_200 })
  })
  test('is told nothing of a failure while there is still something to see', async () => {
    const { video, store, begin, newest, live } = setUp()
    await begin()
    newest().events.failed({ kind: 'network' })
    await live(0.25)
    expect(store.read().phase).toBe('playing')
    await live(0.5)
    expect(newest().calls).toContain('go-on')
    newest().events.failed({ kind: 'network' })
    video.runDry()
    await live(0.25, false)
    expect(store.read().phase).toBe('recovering')
    await live(2)
    expect(store.read().phase).toBe('playing')
  })
  test('whose first request fails asks for everything again, until it comes', async () => {
    const { newest, engines, asked, live, begin, store } = setUp()
    await vi.advanceTimersByTimeAsync(1)
    const fail = async (failure: Failure) => {
      newest().listed = false
      newest().events.failed(failure)
      await live(2, false)
    }
    await fail({ kind: 'http', status: 502 })
    await fail({ kind: 'network' })
    expect(engines).toHaveLength(3)
    expect(engines.flatMap(({ calls }) => calls)).not.toContain('go-on')
    expect(newest().calls).toEqual([`load ${MASTER}`])
    expect(asked).toEqual([false, false, false])
    await begin()
    expect(store.read().phase).toBe('playing')
  })
  test('whose player waits for nothing gets a new one', async () => {
    const { newest, engines, live } = setUp()
    await vi.advanceTimersByTimeAsync(1)
    newest().listed = false
    await live(14, false)
    expect(engines).toHaveLength(1)
    await live(12, false)
    expect(engines).toHaveLength(2)
  })
  test('whose phone pauses it unseen, for a call, is left alone until the page is seen again', async () => {
    const { page, video, begin, live, newest, session, engines, store } = setUp()
    await begin()
    page.visible = false
    video.pause()
    const before = newest().calls.length
    await live(60)
    newest().events.failed({ kind: 'network' })
    await live(2)
    expect(video.paused).toBe(true)
    expect(engines).toHaveLength(1)
    expect(
      newest()
        .calls.slice(before)
        .filter((call) => call !== 'go-on'),
    ).toEqual([])
    expect(session.takeReport().stalls).toBe(0)
    page.visible = true
    session.wake()
    await live(2)
    expect(video.paused).toBe(false)
    expect(store.read()).toMatchObject({ phase: 'playing', following: true })
    expect(newest().edge - video.currentTime).toBeLessThan(2)
  })
  test('whose token is refused gets a fresh address', async () => {
    const { begin, newest, asked, live } = setUp()
    await begin()
    newest().events.failed({ kind: 'http', status: 403 })
    await live(2)
    expect(asked).toEqual([false, true])
    expect(newest().calls).toContain(`load ${MASTER.replace('t1', 't2')}`)
  })
  test('whose decoder breaks twice gets a new player, and the date does not jump meanwhile', async () => {
    const { begin, newest, engines, session, live, video, store } = setUp()
    await begin()
    newest().events.failed({ kind: 'media' })
    await live(0.5)
    expect(newest().calls).toContain('mend')
    newest().events.failed({ kind: 'media' })
    const date = session.playingDate()
    video.readyState = 0
    await vi.advanceTimersByTimeAsync(2_000)
    expect(engines).toHaveLength(2)
    expect(store.read().delayMs).toBeGreaterThan(4_000)
    video.currentTime = 0
    expect(session.playingDate()).toBe(date)
  })
  test('whose picture stands for no reason is helped, gently first', async () => {
    const { begin, newest, engines, live } = setUp()
    await begin()
    const [first] = engines
    await live(11, false, true)
    expect(first?.calls).toContain('go-on')
    await live(30, false, true)
    expect(first?.calls).toContain('mend')
    expect(engines.length).toBeGreaterThan(1)
    expect(newest().calls).toContain(`load ${MASTER}`)
  })
  test('comes back to live by itself after an outage', async () => {
    const { begin, newest, live, video, store } = setUp()
    await begin()
    video.runDry()
    newest().fresh = false
    await live(10, false)
    expect(video.currentTime).toBeLessThan(newest().edge - 9)
    newest().fresh = true
    await live(0.5, false)
    expect(video.currentTime).toBeGreaterThan(newest().edge - 2)
    await live(10)
    expect(store.read()).toMatchObject({ phase: 'playing', following: true })
  })
  test('who is a little late catches up by rate', async () => {
    const { begin, newest, live, video } = setUp()
    await begin()
    newest().edge += 2
    await live(0.5)
    expect(video.playbackRate).toBeGreaterThan(1)
    expect(video.playbackRate).toBeLessThanOrEqual(1.1)
    await live(60)
    expect(video.playbackRate).toBe(1)
    expect(newest().edge - video.currentTime).toBeLessThan(1.6)
  })
  test('gets a better picture only after a while of calm', async () => {
    const { begin, newest, live, video } = setUp()
    await begin()
    await live(5)
    expect(newest().calls).not.toContain('climb')
    await live(10)
    expect(newest().calls.filter((call) => call === 'climb')).toHaveLength(1)
    video.runDry()
    await live(1, false)
    await live(10)
    expect(newest().calls.filter((call) => call === 'climb')).toHaveLength(1)
  })
  test('who pauses stays at that moment, and goes on from there', async () => {
    const { begin, live, session, store, video, newest } = setUp()
    await begin()
    session.setPaused(true)
    const date = session.playingDate()
    await live(20)
    expect(store.read()).toMatchObject({ phase: 'paused', following: false })
    expect(session.playingDate()).toBe(date)
    session.setPaused(false)
    await live(5)
    expect(store.read()).toMatchObject({ phase: 'playing', following: false })
    expect(video.playbackRate).toBe(1)
    session.goToLive()
    await live(1)
    expect(store.read().following).toBe(true)
    expect(newest().edge - video.currentTime).toBeLessThan(2)
  })
  test('reports a standstill, and neither the wait for the first picture nor a jump of their own', async () => {
    const { begin, live, session, video } = setUp()
    await begin()
    session.seek(10)
    await live(2)
    expect(session.takeReport().stalls).toBe(0)
    video.runDry()
    await live(1, false)
    await live(1)
    expect(session.takeReport().stalls).toBe(1)
    expect(session.takeReport().stalls).toBe(0)
  })
  test('who goes back sees the past, and what belongs to it', async () => {
    const { begin, live, session, store } = setUp()
    await begin()
    session.seek(10)
    expect(session.playingDate()).toBe(START + 10_000)
    await live(2)
    expect(store.read().following).toBe(false)
    expect(store.read().span?.position).toBeCloseTo(12, 0)
  })
  test('who went back stays there when the player has to begin again', async () => {
    const { begin, live, session, newest, engines, video } = setUp()
    await begin()
    session.seek(10)
    await live(2)
    newest().events.failed({ kind: 'http', status: 403 })
    video.currentTime = 0
    video.readyState = 0
    await vi.advanceTimersByTimeAsync(2_000)
    expect(engines).toHaveLength(2)
    video.readyState = 4
    video.currentTime = 58
    await live(1)
    expect(video.currentTime).toBeCloseTo(13, 0)
  })
  test('who wants sound alone gets the sound alone, and the picture when they want it back', async () => {
    const { begin, newest, store, session, engines } = setUp()
    await begin()
    newest().events.renditions([{ index: 0, height: 360, bitsPerSecond: 400_000, url: 'x' }], {
      url: SOUND,
      bitsPerSecond: 64_000,
    })
    store.set({ quality: { kind: 'audio' } })
    session.renewQuality()
    await vi.advanceTimersByTimeAsync(10)
    expect(newest().options.showing).toBe('sound')
    expect(newest().calls).toEqual([`load ${SOUND}`])
    store.set({ quality: { kind: 'fixed', height: 360 } })
    session.renewQuality()
    await vi.advanceTimersByTimeAsync(10)
    expect(newest().options.showing).toBe('live')
    expect(engines).toHaveLength(3)
  })
  test('who chose sound alone on another day gets it from the start', async () => {
    const { newest } = setUp({ quality: { kind: 'audio' }, carried: 'sound' })
    await vi.advanceTimersByTimeAsync(10)
    newest().events.renditions([], { url: SOUND, bitsPerSecond: 64_000 })
    newest().events.renditions([], { url: SOUND, bitsPerSecond: 64_000 })
    expect(newest().calls).toEqual([`load ${MASTER}`, `load ${SOUND}`])
  })
  test('leaves nothing behind', async () => {
    const { begin, newest, session, live, store } = setUp()
    await begin()
    const engine = newest()
    session.end()
    expect(engine.calls.at(-1)).toBe('destroy')
    await live(20, false)
    expect(store.read().phase).toBe('starting')
  })
})
