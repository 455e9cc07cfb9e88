/** A video element without a browser, as far as a player looks at it. Time goes on only when a test says so. */
export class FakeVideo extends EventTarget {
  currentTime = 0
  playbackRate = 1
  paused = true
  muted = false
  ended = false
  seeking = false
  readyState = 4
  videoHeight = 360
  duration = Number.POSITIVE_INFINITY
  src = ''
  error: { code: number } | null = null
  loads = 0
  frames = 0
  loadedUntil = 0
  seekableUntil = 0
  startDate: Date | null = null

  get buffered() {
    return ranges(this.loadedUntil > 0 ? [[0, this.loadedUntil]] : [])
  }
  get seekable() {
    return ranges(this.seekableUntil > 0 ? [[0, this.seekableUntil]] : [])
  }
  getStartDate(): Date {
    return this.startDate ?? new Date(Number.NaN)
  }
  getVideoPlaybackQuality() {
    return { totalVideoFrames: this.frames }
  }
  async play(): Promise<void> {
    this.paused = false
  }
  pause(): void {
    this.paused = true
    this.dispatchEvent(new Event('pause'))
  }
  load(): void {
    this.loads += 1
  }
  removeAttribute(name: 'src'): void {
    this[name] = ''
  }
  canPlayType(type: string): string {
    return type === 'application/vnd.apple.mpegurl' ? 'maybe' : ''
  }

  /** The picture goes on. */
  advance(seconds: number): void {
    this.currentTime += seconds
    this.frames += Math.ceil(seconds * 30)
    this.readyState = 4
  }
  /** Nothing is left to play. */
  runDry(): void {
    this.readyState = 2
    this.dispatchEvent(new Event('waiting'))
  }
  fail(code: number): void {
    this.error = { code }
    this.dispatchEvent(new Event('error'))
  }
  /** As the DOM's type, which has three hundred members more. */
  get element(): HTMLVideoElement {
    return this as unknown as HTMLVideoElement
  }
}

function ranges(all: readonly (readonly [number, number])[]) {
  return {
    length: all.length,
    start: (index: number) => all[index]?.[0] ?? 0,
    end: (index: number) => all[index]?.[1] ?? 0,
  }
}
