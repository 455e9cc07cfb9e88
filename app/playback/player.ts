import type { Engine, Quality, Rendition } from './engine'
import { createHlsEngine, hlsIsSupported } from './hls-engine'
import { createNativeEngine, playsNatively } from './native-engine'
import { type Failure, toRecovery } from './recovery'

export type PlayerPhase =
  | 'starting'
  | 'playing'
  | 'paused'
  | 'stalled'
  | 'recovering'
  | 'unsupported'
  | 'ended'
export type PlayerState = {
  phase: PlayerPhase
  muted: boolean
  quality: Quality
  renditions: readonly Rendition[]
  audioUrl: string | null
  /** How far the picture is behind server time, ms. */
  delayMs: number | null
}

export type Player = {
  subscribe(listener: () => void): () => void
  read(): PlayerState
  attach(video: HTMLVideoElement): () => void
  playingDate(): number | null
  goToLive(): void
  setMuted(muted: boolean): void
  setPaused(paused: boolean): void
  setQuality(quality: Quality): void
  /** Stalls since this was asked last, and the rendition playing. */
  takeReport(): { stalls: number; level: number }
}

type Dependencies = {
  /** `fresh`: with a new token. Null: not to be had now. */
  findAddress(fresh: boolean): Promise<string | null>
  /** Server time, ms. */
  now(): number
  live: boolean
}

const TICK_MS = 500
/** Longer than any stall that hls.js itself gets out of. */
const STUCK_MS = 8_000
/** After so much undisturbed play, a new failure is the first one again. */
const HEALTHY_MS = 10_000

const atFirst: PlayerState = {
  phase: 'starting',
  muted: true,
  quality: { kind: 'auto' },
  renditions: [],
  audioUrl: null,
  delayMs: null,
}

export function createPlayer({ findAddress, now, live }: Dependencies): Player {
  let state = atFirst
  let video: HTMLVideoElement | null = null
  let engine: Engine | null = null
  let attempt = 0
  let stalls = 0
  let movedAt = 0
  let brokenAt = 0
  let position = -1
  let wantsPause = false
  let retry: ReturnType<typeof setTimeout> | undefined
  const listeners = new Set<() => void>()

  function set(change: Partial<PlayerState>): void {
    const keys = Object.keys(change) as (keyof PlayerState)[]
    if (keys.every((key) => Object.is(state[key], change[key]))) return
    state = { ...state, ...change }
    for (const listener of listeners) listener()
  }

  function build(): boolean {
    if (!video) return false
    engine?.destroy()
    const events = {
      failed: onFailure,
      renditions(renditions: Rendition[], audioUrl: string | null) {
        set({
          renditions: renditions.length > 0 ? renditions : state.renditions,
          audioUrl: audioUrl ?? state.audioUrl,
        })
        // A fresh address is that of the whole broadcast: go on to its sound.
        if (state.quality.kind === 'audio' && audioUrl) engine?.load(audioUrl)
      },
    }
    if (hlsIsSupported()) engine = createHlsEngine(video, events, live)
    else if (playsNatively(video)) engine = createNativeEngine(video, events)
    else set({ phase: 'unsupported' })
    return state.phase !== 'unsupported'
  }

  async function begin(fresh: boolean): Promise<void> {
    if (!build()) return
    const mine = engine
    const address = state.quality.kind === 'audio' && !fresh ? state.audioUrl : await findAddress(fresh)
    if (!mine || mine !== engine) return
    movedAt = Date.now()
    if (!address) return onFailure({ kind: 'network' })
    mine.load(address)
    if (state.quality.kind === 'fixed') mine.setRendition(state.quality.index)
    play()
  }

  function onFailure(failure: Failure): void {
    clearTimeout(retry)
    const { step, afterMs, phase, freshAddress } = toRecovery(failure, attempt++, Math.random())
    brokenAt = Date.now()
    movedAt = Date.now()
    set({ phase, ...(step === 'begin-again' && phase === 'starting' && { delayMs: null }) })
    retry = setTimeout(() => {
      if (step === 'begin-again') void begin(freshAddress)
      else if (step === 'mend-media') engine?.mendMedia()
      else engine?.goOn()
      play()
    }, afterMs)
  }

  function play(): void {
    if (!wantsPause) video?.play().catch(() => undefined)
  }

  function tick(): void {
    if (!video || !engine) return
    const at = Date.now()
    if (video.currentTime !== position) {
      position = video.currentTime
      movedAt = at
      if (at - brokenAt > HEALTHY_MS) attempt = 0
    }
    const date = engine.playingDate()
    if (date !== null && video.readyState > 1) set({ delayMs: Math.round((now() - date) / 100) * 100 })
    const waits = !video.paused && !video.ended && state.phase !== 'starting'
    if (waits && at - movedAt > STUCK_MS) onFailure({ kind: 'stuck' })
  }

  function attach(element: HTMLVideoElement): () => void {
    video = element
    element.muted = state.muted
    const onPlaying = () => set({ phase: 'playing' })
    const onWaiting = () => {
      if (state.phase !== 'playing') return
      // Waiting after a jump is what the viewer asked for.
      if (!element.seeking) stalls++
      set({ phase: 'stalled' })
    }
    const onPause = () => {
      if (wantsPause) set({ phase: 'paused' })
    }
    const onEnded = () => set({ phase: 'ended' })
    const onVolume = () => set({ muted: element.muted })
    const listening = {
      playing: onPlaying,
      waiting: onWaiting,
      pause: onPause,
      ended: onEnded,
      volumechange: onVolume,
    }
    for (const [name, listener] of Object.entries(listening)) element.addEventListener(name, listener)
    const timer = setInterval(tick, TICK_MS)
    void begin(false)
    return () => {
      for (const [name, listener] of Object.entries(listening)) element.removeEventListener(name, listener)
      clearInterval(timer)
      clearTimeout(retry)
      engine?.destroy()
      engine = null
      video = null
      set({ phase: 'starting', delayMs: null })
    }
  }

  return {
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    read: () => state,
    attach,
    playingDate: () => (video && video.readyState > 1 ? (engine?.playingDate() ?? null) : null),
    goToLive() {
      const edge = engine?.livePosition() ?? null
      wantsPause = false
      if (video && edge !== null && live) video.currentTime = edge
      play()
    },
    setMuted(muted) {
      if (video) video.muted = muted
      set({ muted })
    },
    setPaused(paused) {
      wantsPause = paused
      if (paused) video?.pause()
      else play()
    },
    setQuality(quality) {
      const audio = state.quality.kind === 'audio'
      const anew = audio || quality.kind === 'audio'
      set({ quality, ...(anew && { phase: 'stalled' }) })
      if (anew) void begin(false)
      else engine?.setRendition(quality.kind === 'fixed' ? quality.index : null)
    },
    takeReport() {
      const taken = { stalls, level: engine?.rendition() ?? -1 }
      stalls = 0
      return taken
    },
  }
}
