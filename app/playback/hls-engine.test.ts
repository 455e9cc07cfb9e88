import { beforeEach, describe, expect, test, vi } from 'vitest'
import { FakeVideo } from '../../tests/support/fake-video'
import type { Rendition, SoundVariant } from './engine'
import type { Failure } from './recovery'

type Handler = (event: string, data: unknown) => void

/** As much of hls.js as an engine touches. */
class FakeHls {
  static made: FakeHls[] = []
  static isSupported = () => true
  handlers = new Map<string, Handler[]>()
  levels: {
    height: number
    averageBitrate: number
    maxBitrate?: number
    realBitrate?: number
    uri: string
  }[] = []
  autoLevelEnabled = true
  nextAutoLevel = -1
  latestLevelDetails: object | null = null
  lowLatencyMode: boolean
  loadLevel = -1
  nextLevel = -1
  currentLevel = 1
  bandwidthEstimate = Number.NaN
  calls: string[] = []
  constructor(readonly config: { lowLatencyMode: boolean; xhrSetup(request: object, url: string): void }) {
    this.lowLatencyMode = config.lowLatencyMode
    FakeHls.made.push(this)
  }
  on(event: string, handler: Handler) {
    this.handlers.set(event, [...(this.handlers.get(event) ?? []), handler])
  }
  tell(event: string, data: unknown) {
    for (const handler of this.handlers.get(event) ?? []) handler(event, data)
  }
  attachMedia = () => void this.calls.push('attach')
  loadSource = (url: string) => void this.calls.push(`load ${url}`)
  startLoad = (from: number) => void this.calls.push(`start ${from}`)
  recoverMediaError = () => void this.calls.push('recover')
  destroy = () => void this.calls.push('destroy')
}

vi.mock('hls.js/light', () => ({
  default: FakeHls,
  ErrorTypes: { NETWORK_ERROR: 'networkError', MEDIA_ERROR: 'mediaError' },
  Events: new Proxy({}, { get: (_target, name) => name }),
}))
const { createHlsEngine } = await import('./hls-engine')

beforeEach(() => {
  FakeHls.made = []
})

function setUp(showing: 'live' | 'sound' = 'live') {
  const video = new FakeVideo()
  const failures: Failure[] = []
  const told: { renditions: Rendition[]; sound: SoundVariant | null }[] = []
  const events = {
    failed: (failure: Failure) => void failures.push(failure),
    renditions: (renditions: Rendition[], sound: SoundVariant | null) =>
      void told.push({ renditions, sound }),
  }
  const engine = createHlsEngine(video.element, events, { showing, startLow: false })
  const [hls] = FakeHls.made
  if (!hls) throw new Error('no hls.js')
  return { video, engine, hls, failures, told }
}
const live = { live: true, edge: 100, age: 0.25, partHoldBack: 1.2, partTarget: 0.27, fragmentStart: 0 }

describe('hls.js as an engine', () => {
  test('tells only of what stops it, and of a refused token at once', () => {
    const { hls, failures } = setUp()
    hls.tell('ERROR', { fatal: false, type: 'networkError', response: { code: 404 } })
    expect(failures).toEqual([])
    hls.tell('ERROR', { fatal: false, type: 'networkError', response: { code: 403 } })
    hls.tell('ERROR', { fatal: true, type: 'networkError', response: { code: 0 } })
    hls.tell('ERROR', { fatal: true, type: 'networkError', response: { code: 503 } })
    hls.tell('ERROR', { fatal: true, type: 'mediaError' })
    expect(failures).toEqual([
      { kind: 'http', status: 403 },
      { kind: 'network' },
      { kind: 'http', status: 503 },
      { kind: 'media' },
    ])
  })
  test('finds the renditions, and the sound that hls.js leaves out', () => {
    const { hls, told } = setUp()
    hls.levels = [{ height: 180, averageBitrate: 200_000, uri: 'low' }]
    const attrs = { decimalInteger: () => 66_000 }
    hls.tell('MANIFEST_LOADED', {
      levels: [
        { videoCodec: 'avc1', height: 180, url: 'low', attrs, bitrate: 1 },
        { height: 0, url: 'audio', attrs, bitrate: 70_000 },
      ],
    })
    expect(told.at(-1)).toEqual({
      renditions: [{ index: 0, height: 180, bitsPerSecond: 200_000, url: 'low' }],
      sound: { url: 'audio', bitsPerSecond: 66_000 },
    })
  })
  test('knows how late it is, and whether that is news', () => {
    const { hls, engine, video } = setUp()
    expect(engine.latency()).toBeNull()
    hls.latestLevelDetails = live
    video.currentTime = 98
    expect(engine.latency()).toEqual({ seconds: 2.25, leastSeconds: 1.2, fresh: true })
    expect(engine.positionBehindLive(1.25)).toBe(99)
    hls.latestLevelDetails = { ...live, age: 4 }
    expect(engine.latency()?.fresh).toBe(false)
    expect(engine.positionBehindLive(1.2)).toBe(99.73)
    hls.latestLevelDetails = { ...live, live: false }
    expect(engine.latency()).toBeNull()
  })
  test('by segments it stays further behind; sound is always loaded so', () => {
    const { hls, engine } = setUp()
    hls.latestLevelDetails = live
    engine.loadBy('segments')
    expect(hls.lowLatencyMode).toBe(false)
    expect(engine.latency()?.leastSeconds).toBe(3.2)
    engine.loadBy('parts')
    expect(hls.lowLatencyMode).toBe(true)
    const sound = setUp('sound')
    sound.engine.loadBy('parts')
    expect(FakeHls.made[1]?.lowLatencyMode).toBe(false)
  })
  test('by segments it waits for whole ones, and not for what another rendition has already', () => {
    const { hls, engine } = setUp()
    const opened: string[] = []
    const ask = () =>
      hls.config.xhrSetup(
        { open: (_method: string, url: string) => void opened.push(url) },
        'mid.m3u8?_HLS_msn=15&_HLS_part=8&_HLS_skip=v2',
      )
    ask()
    engine.loadBy('segments')
    ask()
    hls.tell('LEVEL_SWITCHING', {})
    ask()
    expect(opened).toEqual(['mid.m3u8?_HLS_msn=16&_HLS_part=0&_HLS_skip=v2'])
    hls.tell('LEVEL_LOADED', {})
    ask()
    expect(opened.length).toBe(2)
  })
  test('by parts it asks for none of a segment that others follow', () => {
    const { hls } = setUp()
    const opened: string[] = []
    const request = { open: (_method: string, url: string) => void opened.push(url) }
    const ask = () => hls.config.xhrSetup(request, 'mid.m3u8?_HLS_msn=15&_HLS_part=8&_HLS_skip=v2')
    hls.latestLevelDetails = { endSN: 15 }
    ask()
    expect(opened).toEqual([])
    hls.latestLevelDetails = { endSN: 16 }
    ask()
    expect(opened).toEqual(['mid.m3u8?_HLS_msn=17&_HLS_part=0&_HLS_skip=v2'])
  })
  test('takes the round trip from whole segments: a part is asked for before it is there', () => {
    const { hls, engine } = setUp()
    expect(engine.roundTripMs()).toBeNull()
    const frag = { stats: { loading: { start: 1_000, first: 1_200, end: 1_300 }, loaded: 9 } }
    hls.tell('FRAG_LOADED', { frag, part: frag })
    expect(engine.roundTripMs()).toBeNull()
    hls.tell('FRAG_LOADED', { frag, part: null })
    expect(engine.roundTripMs()).toBe(200)
  })
  test('climbs where small parts come fast enough for the next rendition, and only with Auto', () => {
    const { hls, engine } = setUp()
    hls.loadLevel = 0
    hls.levels = [300_000, 2_000_000].map((maxBitrate) => ({
      height: 1,
      averageBitrate: 1,
      maxBitrate,
      uri: '',
    }))
    const arrive = (ms: number) => {
      const stats = { loading: { start: 0, first: 100, end: 100 + ms }, loaded: 6_000 }
      for (let i = 0; i < 20; i++) hls.tell('FRAG_LOADED', { frag: { stats }, part: { stats } })
    }
    arrive(30)
    engine.climb()
    expect(hls.nextAutoLevel).toBe(-1)
    arrive(2)
    hls.autoLevelEnabled = false
    engine.climb()
    expect(hls.nextAutoLevel).toBe(-1)
    hls.autoLevelEnabled = true
    engine.climb()
    expect(hls.nextAutoLevel).toBe(1)
  })
  test('goes down at once to what a slow link carries, by the bits of now, and stays there until it is calm', () => {
    const { hls, engine } = setUp()
    // In the order of a first list, when they were alike.
    hls.levels = [900_000, 180_000, 1_700_000].map((realBitrate) => ({
      height: 360,
      averageBitrate: 1,
      realBitrate,
      uri: '',
    }))
    hls.loadLevel = 2
    const stats = { loading: { start: 0, first: 1, end: 0 }, loaded: 0, aborted: false }
    hls.tell('FRAG_LOADING', { frag: { stats }, part: null })
    const lookAfter = (ms: number, bytes: number) => {
      vi.advanceTimersByTime(ms)
      stats.loaded += bytes
      engine.descend()
    }
    vi.useFakeTimers()
    lookAfter(1_000, 37_500)
    // An outage: nothing came.
    lookAfter(1_000, 0)
    expect(hls.nextLevel).toBe(-1)
    lookAfter(1_000, 37_500)
    expect(hls.nextLevel).toBe(1)
    expect(hls.bandwidthEstimate).toBeCloseTo(300_000, -3)
    hls.autoLevelEnabled = false
    engine.setRendition(null)
    expect(hls.loadLevel).toBe(2)
    engine.climb()
    expect(hls.loadLevel).toBe(-1)
    // Where it never is calm: until hls.js knows the link again.
    hls.loadLevel = 2
    hls.autoLevelEnabled = true
    lookAfter(1_000, 37_500)
    hls.tell('FRAG_LOADED', { frag: { stats }, part: { stats } })
    expect(hls.loadLevel).toBe(2)
    vi.advanceTimersByTime(21_000)
    hls.tell('FRAG_LOADED', { frag: { stats }, part: { stats } })
    expect(hls.loadLevel).toBe(-1)
    vi.useRealTimers()
  })
  test('passes on what it is told to do', () => {
    const { hls, engine } = setUp()
    engine.load('x')
    engine.goOn?.()
    engine.mendMedia?.()
    engine.setRendition(2)
    expect(hls.loadLevel).toBe(2)
    hls.autoLevelEnabled = false
    engine.setRendition(null)
    expect(hls.loadLevel).toBe(-1)
    engine.destroy()
    expect(hls.calls).toEqual(['attach', 'load x', 'start -1', 'recover', 'destroy'])
  })
})
