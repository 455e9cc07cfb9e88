import { expect, test } from 'vitest'
import { afterJump, evolveWatch, firstWatch, NO_PICTURE_MS, STUCK_MS, type Watched } from './watchdog'

/** Looks four times a second for a while; the last finding. */
function watchFor(forMs: number, seen: (at: number) => Omit<Watched, 'at'>) {
  let watch = firstWatch(0)
  let finding = 'fine'
  for (let at = 250; at <= forMs; at += 250) {
    const result = evolveWatch(watch, { at, ...seen(at) })
    watch = result.watch
    finding = result.finding
  }
  return finding
}

test('a picture that moves is fine', () => {
  expect(
    watchFor(60_000, (at) => ({ position: at / 1_000, aheadSeconds: 1, dry: false, frames: at / 33 })),
  ).toBe('fine')
})
test('a picture that stands is stuck after some seconds, not before', () => {
  const still = () => ({ position: 5, aheadSeconds: 3, dry: false, frames: 100 })
  expect(watchFor(STUCK_MS, still)).toBe('stands')
  expect(watchFor(STUCK_MS + 500, still)).toBe('stuck')
})
test('a time that goes on without a decoded picture is stuck', () => {
  const frozen = (at: number) => ({ position: at / 1_000, aheadSeconds: 1, dry: false, frames: 100 })
  expect(watchFor(NO_PICTURE_MS, frozen)).toBe('fine')
  expect(watchFor(NO_PICTURE_MS + 500, frozen)).toBe('stuck')
})
test('sound alone, or a page that nobody sees, has no pictures to miss', () => {
  expect(
    watchFor(60_000, (at) => ({ position: at / 1_000, aheadSeconds: 1, dry: false, frames: null })),
  ).toBe('fine')
})
test('a slow link that still brings something is not stuck; one that plays nothing of what it has is', () => {
  const slow = (dry: boolean) => (at: number) => ({
    position: 5,
    aheadSeconds: at / 60_000,
    dry,
    frames: null,
  })
  expect(watchFor(60_000, slow(true))).toBe('stands')
  expect(watchFor(60_000, slow(false))).toBe('stuck')
})
test('a jump is no sign of life', () => {
  let watch = firstWatch(0)
  let finding = 'fine'
  for (let at = 250; at <= STUCK_MS + 1_000; at += 250) {
    watch = afterJump(watch, at)
    const result = evolveWatch(watch, { at, position: at, aheadSeconds: 1, dry: false, frames: null })
    watch = result.watch
    finding = result.finding
  }
  expect(finding).toBe('stuck')
})
