import { expect, type JSHandle, type Locator, type Page } from '@playwright/test'

declare global {
  interface Window {
    testConnections: RTCPeerConnection[]
    /** What plays sound without being on the page. */
    testSounds: HTMLMediaElement[]
    testEars?: Map<MediaStreamTrack | HTMLMediaElement, AnalyserNode>
  }
}

function framesOf(video: Locator): Promise<number> {
  return video.evaluate((v) => (v as HTMLVideoElement).getVideoPlaybackQuality().totalVideoFrames)
}

/** Decoded pictures keep coming: not one that stands still, not a frozen last frame. */
export async function expectMoving(video: Locator, frames = 15): Promise<void> {
  await video.waitFor()
  let last = await framesOf(video)
  let came = 0
  const count = async () => {
    const now = await framesOf(video)
    // A player that begins anew counts from the beginning.
    came += now < last ? now : now - last
    last = now
    return came
  }
  await expect.poll(count, { timeout: 40_000 }).toBeGreaterThan(frames)
}

export function broadcast(page: Page): Locator {
  return page.locator('video[aria-label="Class broadcast"]')
}

/** A person's live picture on the stage. */
export function pictureOf(page: Page, name: string): Locator {
  return page.getByRole('region', { name: 'Stage' }).locator(`video[aria-label*="${name}"]`).first()
}

/** Peak of all remote sound the page played by WebRTC in the last 0.7 s; 0 is silence. */
export function liveLoudness(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const tracks = window.testConnections
      .filter((c) => c.connectionState === 'connected')
      .flatMap((c) => c.getReceivers())
      .map((r) => r.track)
      .filter((t) => t.kind === 'audio' && t.readyState === 'live')
    window.testEars ??= new Map()
    for (const track of tracks) {
      if (window.testEars.has(track)) continue
      const context = new AudioContext()
      const analyser = new AnalyserNode(context, { fftSize: 32_768 })
      context.createMediaStreamSource(new MediaStream([track])).connect(analyser)
      window.testEars.set(track, analyser)
    }
    const samples = new Float32Array(32_768)
    return Math.max(
      0,
      ...tracks.map((track) => {
        window.testEars?.get(track)?.getFloatTimeDomainData(samples)
        return samples.reduce((peak, s) => Math.max(peak, Math.abs(s)), 0)
      }),
    )
  })
}

/** Hears what the broadcast plays, the last 0.7 s of it. The element's sound must be on. */
export function listenTo(video: Locator): Promise<JSHandle<AnalyserNode>> {
  return video.evaluateHandle(async (element) => {
    window.testEars ??= new Map()
    const known = window.testEars.get(element as HTMLVideoElement)
    if (known) return known
    const context = new AudioContext()
    await context.resume()
    const analyser = new AnalyserNode(context, { fftSize: 32_768 })
    const source = context.createMediaElementSource(element as HTMLVideoElement)
    source.connect(analyser)
    source.connect(context.destination)
    window.testEars.set(element as HTMLVideoElement, analyser)
    return analyser
  })
}

/** Peak of what the broadcast played in the last 0.7 s. The element's sound must be on. */
export async function broadcastLoudness(page: Page): Promise<number> {
  const ear = await listenTo(broadcast(page))
  return ear.evaluate((analyser) => {
    const samples = new Float32Array(analyser.fftSize)
    analyser.getFloatTimeDomainData(samples)
    return samples.reduce((peak, s) => Math.max(peak, Math.abs(s)), 0)
  })
}

/** Runs in the page before its scripts: keeps the elements that play sound and are in no document. */
export function noteSounds(): void {
  const sounds: HTMLMediaElement[] = []
  window.testSounds = sounds
  const createElement = document.createElement.bind(document)
  document.createElement = (...args: Parameters<typeof createElement>) => {
    const element = createElement(...args)
    if (element instanceof HTMLAudioElement) sounds.push(element)
    return element
  }
}

/** Peak of what those elements that play do play, the last 0.7 s of it. */
export function attachedLoudness(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const playing = window.testSounds.filter((element) => !element.paused && !element.muted)
    window.testEars ??= new Map()
    const samples = new Float32Array(32_768)
    let peak = 0
    for (const { srcObject } of playing) {
      const [track] = srcObject instanceof MediaStream ? srcObject.getAudioTracks() : []
      if (!track) continue
      let ear = window.testEars.get(track)
      if (!ear) {
        const context = new AudioContext()
        await context.resume()
        ear = new AnalyserNode(context, { fftSize: samples.length })
        context.createMediaStreamSource(new MediaStream([track])).connect(ear)
        window.testEars.set(track, ear)
      }
      ear.getFloatTimeDomainData(samples)
      peak = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), peak)
    }
    return peak
  })
}

/** Chromium's fake microphone beeps for 20 ms twice a second: well above this; silence is far below. */
export const AUDIBLE = 0.01

/** Protocols ('udp', 'tcp') of the candidate pairs that carry the page's media. */
export function transportsOf(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const found: string[] = []
    for (const connection of window.testConnections.filter((c) => c.connectionState === 'connected')) {
      const stats = await connection.getStats()
      for (const report of stats.values()) {
        if (report.type !== 'transport' || !report.selectedCandidatePairId) continue
        const pair = stats.get(report.selectedCandidatePairId)
        const local = stats.get(pair.localCandidateId)
        found.push(local.relayProtocol ?? local.protocol)
      }
    }
    return found
  })
}

/** What the page sends: codec and simulcast layers of every video it publishes. */
export function publishedVideo(page: Page): Promise<{ codec: string; layers: number }[]> {
  return page.evaluate(async () => {
    const found: { codec: string; layers: number }[] = []
    for (const connection of window.testConnections) {
      for (const sender of connection.getSenders()) {
        if (sender.track?.kind !== 'video') continue
        const stats = await sender.getStats()
        const outbound = [...stats.values()].filter((r) => r.type === 'outbound-rtp')
        const codec = outbound.map((r) => stats.get(r.codecId)?.mimeType).find(Boolean) ?? 'none'
        found.push({ codec, layers: outbound.length })
      }
    }
    return found
  })
}
