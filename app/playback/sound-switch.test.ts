import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Engine } from './engine'
import { atFirst, createPlayerStore } from './player-state'
import { createSoundSwitch } from './sound-switch'

const LOW = 'https://origin/t/cls_1/low.m3u8'
const PLAYLIST = '#EXTM3U\n#EXTINF:2,\nrun_1/low-7.m4s\n'

/** A link that brings a segment of 60 kB in `ms`. */
function linkOf(ms: number) {
  return async (url: string | URL) => {
    const response = new Response(String(url) === LOW ? PLAYLIST : segment(ms))
    Object.defineProperty(response, 'url', { value: String(url) })
    return response
  }
}
function segment(ms: number): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async pull(controller) {
      await new Promise((resolve) => setTimeout(resolve, ms))
      controller.enqueue(new Uint8Array(60_000))
      controller.close()
    },
  })
}

beforeEach(() => {
  vi.useFakeTimers({ now: 0 })
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

function setUp() {
  const store = createPlayerStore({
    ...atFirst,
    renditions: [{ index: 0, height: 180, bitsPerSecond: 250_000, url: LOW }],
    sound: { url: 'sound', bitsPerSecond: 64_000 },
  })
  const reload = vi.fn()
  const soundSwitch = createSoundSwitch(store, reload)
  let bits = 200_000
  let breakAt = Number.POSITIVE_INFINITY
  const dateAt = (position: number) => position * 1_000 + (position < breakAt ? 0 : 1_600)
  const engine = {
    rendition: () => 0,
    bitsPerSecond: () => bits,
    recentBitsPerSecond: () => bits,
    dateAt,
  } as unknown as Engine
  async function look(seconds: number, standing: boolean) {
    for (let passed = 0; passed < seconds; passed += 0.25) {
      soundSwitch.look({ at: Date.now(), standing, position: 9.95, engine })
      await vi.advanceTimersByTimeAsync(250)
    }
  }
  /** Short stalls; where each was, the broadcast may go on with time missing, which shows while the picture stands. */
  async function standTimes(times: number, missing: boolean) {
    bits = 5_000_000
    for (let stall = 0; stall < times; stall++) {
      breakAt = Number.POSITIVE_INFINITY
      await look(0.5, true)
      if (missing) breakAt = 10
      await look(0.5, true)
      await look(2, false)
    }
  }
  return { store, reload, soundSwitch, look, standTimes }
}

test('a link too weak for the lowest picture carries the sound, and the picture again when it is better', async () => {
  const { store, reload, look } = setUp()
  vi.stubGlobal('fetch', linkOf(500))
  await look(2, true)
  expect(store.read().carried).toBe('sound-weak')
  expect(reload).toHaveBeenCalledTimes(1)
  await look(18, false)
  expect(store.read().carried).toBe('sound-weak')
  await look(4, false)
  expect(store.read().carried).toBe('picture')
  expect(reload).toHaveBeenCalledTimes(2)
})
test('while it is measured as too slow, the sound stays, and it is measured less often', async () => {
  const { store, look } = setUp()
  const slow = vi.fn(linkOf(1_900))
  vi.stubGlobal('fetch', slow)
  await look(2, true)
  await look(30, false)
  expect(store.read().carried).toBe('sound-weak')
  expect(slow).toHaveBeenCalledTimes(2)
  await look(24, false)
  expect(slow).toHaveBeenCalledTimes(2)
  await look(14, false)
  expect(slow).toHaveBeenCalledTimes(4)
})
test('a picture that often stands for the link gives way to the sound, and not where the broadcast was started anew', async () => {
  const link = setUp()
  await link.standTimes(4, false)
  expect(link.store.read().carried).toBe('sound-weak')
  const broadcast = setUp()
  await broadcast.standTimes(5, true)
  expect(broadcast.store.read().carried).toBe('picture')
})
test('a restart between the stalls of a weak link neither counts nor makes one forgotten', async () => {
  const { store, standTimes } = setUp()
  await standTimes(3, false)
  await standTimes(1, true)
  expect(store.read().carried).toBe('picture')
  await standTimes(1, false)
  expect(store.read().carried).toBe('sound-weak')
})
test('who chose sound, or a height, keeps it whatever the link does', async () => {
  const { store, reload, soundSwitch, look } = setUp()
  store.set({ quality: { kind: 'fixed', height: 180 } })
  expect(soundSwitch.renew()).toBe(false)
  await look(20, true)
  expect(store.read().carried).toBe('picture')
  store.set({ quality: { kind: 'audio' } })
  expect(soundSwitch.renew()).toBe(true)
  await look(60, false)
  expect(store.read().carried).toBe('sound')
  expect(reload).not.toHaveBeenCalled()
})
