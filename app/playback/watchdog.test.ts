import { expect, test } from 'vitest'
import { evolveWatch, firstWatch, NO_PICTURE_MS, STUCK_MS, type Watched } from './watchdog'

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
  expect(watchFor(60_000, (at) => ({ position: at / 1_000, aheadSeconds: 1, frames: at / 33 }))).toBe('fine')
})
test('a picture that stands is stuck after some seconds, not before', () => {
  const still = () => ({ position: 5, aheadSeconds: 3, frames: 100 })
  expect(watchFor(STUCK_MS, still)).toBe('stands')
  expect(watchFor(STUCK_MS + 500, still)).toBe('stuck')
})
test('a time that goes on without a decoded picture is stuck', () => {
  const frozen = (at: number) => ({ position: at / 1_000, aheadSeconds: 1, frames: 100 })
  expect(watchFor(NO_PICTURE_MS, frozen)).toBe('fine')
  expect(watchFor(NO_PICTURE_MS + 500, frozen)).toBe('stuck')
})
test('sound alone, or a page that nobody sees, has no pictures to miss', () => {
  expect(watchFor(60_000, (at) => ({ position: at / 1_000, aheadSeconds: 1, frames: null }))).toBe('fine')
})
test('a slow link that still brings something is not stuck; one that plays nothing of what it has is', () => {
  expect(watchFor(60_000, (at) => ({ position: 5, aheadSeconds: at / 60_000, frames: null }))).toBe('stands')
  expect(watchFor(60_000, (at) => ({ position: 5, aheadSeconds: at / 1_000, frames: null }))).toBe('stuck')
})
