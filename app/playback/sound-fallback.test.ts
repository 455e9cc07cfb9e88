import { expect, test } from 'vitest'
import {
  carriesPicture,
  evolveStrain,
  isAtHole,
  isTooWeak,
  isWell,
  noStrain,
  type Strain,
  tryPictureAfterMs,
} from './sound-fallback'

const link = {
  standing: false,
  lowest: true,
  lowestBitsPerSecond: 250_000,
  measuredBitsPerSecond: 200_000,
  recentBitsPerSecond: 5_000_000,
}
const goodLink = { ...link, measuredBitsPerSecond: 5_000_000 }

function stand(from: number, forMs: number, strain: Strain = noStrain): Strain {
  let now = strain
  for (let at = from; at <= from + forMs; at += 250) now = evolveStrain(now, { at, standing: true })
  return evolveStrain(now, { at: from + forMs + 250, standing: false })
}

test('a link that is too slow for the lowest picture falls back to sound after a stall', () => {
  expect(isTooWeak(noStrain, link)).toBe(false)
  expect(isTooWeak(stand(0, 2_000), link)).toBe(true)
})
test('with a higher picture on show there are lower ones to try', () => {
  expect(isTooWeak(stand(0, 5_000), { ...link, lowest: false })).toBe(false)
})
test('nobody waits for a lower picture that the last answers say is too large as well', () => {
  const high = { ...link, lowest: false, recentBitsPerSecond: 200_000 }
  expect(isTooWeak(stand(0, 1_000), high)).toBe(false)
  expect(isTooWeak(stand(0, 2_000), high)).toBe(true)
  expect(isTooWeak(stand(0, 2_000), { ...high, recentBitsPerSecond: null })).toBe(false)
})
test('one outage, however long, is not a weak link', () => {
  expect(isTooWeak(stand(0, 12_000), goodLink)).toBe(false)
})
test('many stalls are, whatever was measured, until they are long ago', () => {
  let strain = noStrain
  for (const at of [0, 4_000, 8_000, 12_000]) strain = stand(at, 500, strain)
  expect(isTooWeak(strain, goodLink)).toBe(true)
  expect(isTooWeak(evolveStrain(strain, { at: 60_000, standing: false }), goodLink)).toBe(false)
})
test('the fourth counts when it is over: until then it may be the broadcast that stands', () => {
  let strain = noStrain
  for (const at of [0, 4_000, 8_000]) strain = stand(at, 500, strain)
  strain = evolveStrain(strain, { at: 12_000, standing: true })
  expect(isTooWeak(strain, { ...goodLink, standing: true })).toBe(false)
  expect(isTooWeak(strain, goodLink)).toBe(true)
})
test('a stall where time is missing in the broadcast is not of the link', () => {
  const broken = (position: number) => position * 1_000 + (position < 10 ? 0 : 1_600)
  expect(isAtHole(broken, 9.9)).toBe(true)
  expect(isAtHole(broken, 9.2)).toBe(false)
  expect(isAtHole(broken, 10.1)).toBe(false)
  expect(isAtHole(() => null, 9.9)).toBe(false)
})
test('the picture comes back only with room to spare, and tries less and less often', () => {
  expect(carriesPicture(300_000, 250_000)).toBe(false)
  expect(carriesPicture(500_000, 250_000)).toBe(true)
  expect([0, 1, 2, 9].map(tryPictureAfterMs)).toEqual([20_000, 40_000, 80_000, 160_000])
})
test('sound that comes far faster than a picture needs is a reason to try sooner', () => {
  expect(isWell(300_000, 250_000)).toBe(false)
  expect(isWell(20_000_000, 250_000)).toBe(true)
  expect(isWell(null, 250_000)).toBe(false)
  expect(isWell(20_000_000, undefined)).toBe(false)
})
