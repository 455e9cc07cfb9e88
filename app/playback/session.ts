import type { Engine, EngineEvents, EngineOptions, Rendition, SoundVariant } from './engine'
import { inTime } from './in-time'
import { createLadderWatch } from './ladder-watch'
import { observe, observeDelay } from './observe'
import { createPlace } from './place'
import type { PlayerStore } from './player-state'
import { toRenditionIndex } from './quality'
import type { Failure, Recovery } from './recovery'
import { createRepairs } from './repairs'
import { createSoundSwitch } from './sound-switch'
import { createStallCount } from './stall-count'
import { startPlaying } from './start-playing'
import { createSteering, type Steering } from './steering'
import { createVitalSigns } from './vital-signs'

export type SessionDependencies = {
  /** `fresh`: with a new token. Null: not to be had now. */
  findAddress(fresh: boolean): Promise<string | null>
  /** Null: this browser plays no HLS. */
  createEngine(video: HTMLVideoElement, events: EngineEvents, options: EngineOptions): Engine | null
  /** Server time, ms. */
  now(): number
  /** This machine's steady clock, ms. */
  clock(): number
  random(): number
  /** Nobody decodes pictures for a page that is not seen. */
  isPageVisible(): boolean
  live: boolean
  startLow: boolean
}

/** One element that plays the broadcast, from its appearance on the page until it goes. */
export type Session = {
  engine(): Engine | null
  /** Server time of what is seen, also while it is paused or waits; null before the first picture. */
  playingDate(): number | null
  goToLive(): void
  seek(position: number): void
  setMuted(muted: boolean): void
  setPaused(paused: boolean): void
  /** The wanted quality is another now. */
  renewQuality(): void
  /** The network says that it is back. */
  hurry(): void
  /** The page is seen again. */
  wake(): void
  takeReport(): { stalls: number; level: number }
  end(): void
}

const TICK_MS = 250
/** A first playlist takes less, however it ends: whoever has none by then waits for nothing. */
const BEGIN_MS = 15_000

export function createSession(
  video: HTMLVideoElement,
  deps: SessionDependencies,
  store: PlayerStore,
): Session {
  const { now, clock, live } = deps
  let engine: Engine | null = null
  let steering: Steering | null = null
  /** `unseen`: the browser paused it while nobody saw it, for a call, a locked screen, headphones pulled out. */
  let rest: 'wanted' | 'unseen' | null = null
  let address = ''
  let begunAt = clock()

  const place = createPlace(video)
  const repairs = createRepairs({ clock, random: deps.random, repair })
  const signs = createVitalSigns(video, deps, store, repairs)
  const stalls = createStallCount()
  const soundSwitch = createSoundSwitch(store, () => void begin(false))
  const ladderWatch = createLadderWatch(clock(), () => void begin(false))
  const failed = (failure: Failure) => repairs.failed(failure)

  async function begin(fresh: boolean): Promise<void> {
    engine?.destroy()
    begunAt = clock()
    steering = null
    place.leave(!store.read().following)
    const sound = store.read().carried !== 'picture'
    const showing = !live ? 'replay' : sound ? 'sound' : 'live'
    const options = { showing, startLow: deps.startLow } as const
    engine = deps.createEngine(video, { failed, renditions: onRenditions }, options)
    if (!engine) {
      store.set({ phase: 'unsupported' })
      return
    }
    const mine = engine
    const known = sound && !fresh ? (store.read().sound?.url ?? null) : null
    const found = known ?? (await inTime(deps.findAddress(fresh)))
    if (mine !== engine) return
    if (!found) {
      failed({ kind: 'network' })
      return
    }
    steering = createSteering(video, mine, clock())
    signs.restart()
    load(mine, found)
    play()
  }

  function load(into: Engine, url: string): void {
    address = url
    into.load(url)
  }

  function onRenditions(found: Rendition[], sound: SoundVariant | null): void {
    const { carried, quality } = store.read()
    store.set({ ...(found.length > 0 && { renditions: found }), ...(sound && { sound }) })
    // The address was that of the whole broadcast: go on to its sound.
    if (carried !== 'picture') {
      if (engine && sound && sound.url !== address) load(engine, sound.url)
    } else if (found.length > 0) engine?.setRendition(toRenditionIndex(quality, found))
  }

  function repair({ step, freshAddress }: Recovery, { kind }: Failure): void {
    signs.restart()
    // What never had a playlist has nothing to go on with.
    const loaded = engine?.range() ? engine : null
    const mend = { 'go-on': loaded?.goOn, 'mend-media': loaded?.mendMedia, 'begin-again': undefined }[step]
    if (mend) mend()
    else void begin(freshAddress)
    // During an outage there is nothing to jump to.
    const reachable = engine?.latency()?.fresh === true
    if (kind === 'stuck' && reachable && store.read().following) steering?.jumpToLive(clock())
    play()
  }

  function play(): void {
    if (rest) return
    void startPlaying(video).then((plays) => {
      if (!plays) rest = 'wanted'
    })
  }

  function lookAt(looked: Engine, at: number): boolean {
    const begins = !looked.range() && at - begunAt < BEGIN_MS
    const idle = rest !== null || video.ended || begins || repairs.isPending()
    const finding = signs.look(at, idle)
    if (finding === 'stuck') failed({ kind: 'stuck' })
    if (finding !== 'moving') return false
    place.settle()
    repairs.moved(at)
    return true
  }

  function show(moving: boolean): void {
    signs.show(moving, rest !== null)
    stalls.look(store.read().phase, clock())
  }

  function tick(): void {
    if (!engine) return
    const at = clock()
    place.restore(engine)
    const moving = lookAt(engine, at)
    show(moving)
    const { phase, following } = store.read()
    const standing = phase === 'stalled' || phase === 'recovering'
    const position = video.currentTime
    const steered = live ? steering?.steer({ at, standing, following }) : null
    signs.jumped()
    if (live) soundSwitch.look({ at, standing, position, engine })
    // Without its own list of renditions, the browser's player learns here where the sound is.
    const { carried, sound } = store.read()
    if (live && phase === 'playing' && (carried === 'picture' || !sound))
      ladderWatch.look(at, engine, address)
    if (live) observeDelay(store, playingDate(), now())
    if (!place.isSettled()) return
    const targetSeconds = steered?.targetSeconds ?? null
    observe(video, engine, store, { playingDate: playingDate(), targetSeconds })
  }

  const playingDate = () => place.date(engine)

  function setPaused(paused: boolean): void {
    rest = paused ? 'wanted' : null
    // A short pause is no reason to stay behind.
    store.set({ following: live && !paused && (store.read().following || steering?.isNearLive() === true) })
    if (!paused) play()
    else if (!video.paused) video.pause()
    show(false)
  }

  function goToLive(): void {
    rest = null
    store.set({ following: live })
    if (live) steering?.jumpToLive(clock())
    play()
  }

  const listening: Record<string, () => void> = {
    playing: () => show(true),
    waiting: () => show(false),
    pause() {
      if (video.ended || rest) return
      // By the browser's own buttons, where there are any to be seen.
      if (deps.isPageVisible()) return setPaused(true)
      rest = 'unseen'
      show(false)
    },
    play() {
      if (rest === 'wanted') setPaused(false)
      else rest = null
    },
    ended: () => show(false),
    volumechange: () => store.set({ muted: video.muted }),
  }

  video.muted = store.read().muted
  store.set({ following: live })
  for (const [name, listener] of Object.entries(listening)) video.addEventListener(name, listener)
  const timer = setInterval(tick, TICK_MS)
  void begin(false)

  return {
    engine: () => engine,
    playingDate,
    goToLive,
    seek(position) {
      store.set({ following: false })
      video.currentTime = position
      if (steering?.isNearLive()) goToLive()
    },
    setMuted(muted) {
      video.muted = muted
    },
    setPaused,
    renewQuality() {
      const { quality, renditions } = store.read()
      if (soundSwitch.renew()) void begin(false)
      else engine?.setRendition(toRenditionIndex(quality, renditions))
    },
    hurry: repairs.hurry,
    wake() {
      if (rest === 'unseen') rest = null
      repairs.hurry()
      if (video.paused && !video.ended) play()
    },
    takeReport: () => ({ stalls: stalls.take(clock()), level: engine?.rendition() ?? -1 }),
    end() {
      for (const [name, listener] of Object.entries(listening)) video.removeEventListener(name, listener)
      clearInterval(timer)
      repairs.end()
      soundSwitch.end()
      ladderWatch.end()
      engine?.destroy()
      engine = null
      store.set({ phase: 'starting', delayMs: null, following: live, span: null })
    },
  }
}
