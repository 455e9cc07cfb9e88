import { expect, test } from 'vitest'
import { createPictureCheck, type Sample } from './picture-check'

const PIXELS = 64 * 36
const blue = [80, 10, 144] as const
const red = [80, 10, 16] as const
const picture = (value: number, corner: Sample['corner']): Sample => ({
  luma: Buffer.alloc(PIXELS, value),
  corner,
})
const judge = (samples: Sample[], pulse = true) => {
  const check = createPictureCheck(pulse)
  return samples.map((sample) => check.take(sample))
}

test('[OFF4] a page that lives is alive, even while its slide stands still', () => {
  const samples = [blue, red, blue, red, blue].map((corner) => picture(120, corner))
  expect(judge(samples)).toEqual(Array(5).fill('alive'))
})

test('[OFF5] a black picture is told after three samples, and so is one that is not our page', () => {
  const black = picture(10, [8, 8, 8])
  expect(judge([black, black, black])).toEqual(['alive', 'alive', 'black'])
  const crashed = picture(230, [255, 255, 255])
  expect(judge([crashed, crashed, crashed]).at(-1)).toBe('foreign')
})

test('[OFF6] a page whose corner and picture do not change any more is frozen', () => {
  expect(judge(Array(4).fill(picture(120, blue)))).toEqual(['alive', 'alive', 'alive', 'frozen'])
})

test('[OFF7] of a foreign page nothing is known but that black is black', () => {
  const still = picture(120, [200, 200, 200])
  expect(judge(Array(6).fill(still), false).at(-1)).toBe('alive')
  expect(judge(Array(3).fill(picture(9, [8, 8, 8])), false).at(-1)).toBe('black')
})

test('[OFF9] a picture that looks dead is looked at again at once, one that stands still is given time', () => {
  const doubts = (samples: Sample[]) => {
    const check = createPictureCheck(true)
    for (const sample of samples) check.take(sample)
    return check.doubts()
  }
  const black = picture(10, [8, 8, 8])
  expect(doubts([black])).toBe(true)
  expect(doubts([picture(230, [255, 255, 255])])).toBe(true)
  expect(doubts([picture(120, blue), picture(120, blue)])).toBe(false)
  expect(doubts([black, picture(120, blue)])).toBe(false)
})
