import { expect, test } from 'vitest'
import { highQualityCapture, parseCapture, standardCapture } from './capture'

test('without a wish the camera is captured at 720p, with 540p and 216p below', () => {
  expect(parseCapture(null)).toBe(standardCapture)
  expect(standardCapture.below.map(({ height }) => height)).toEqual([216, 540])
})
test('high quality is 2160p with 1080p and 720p below', () => {
  expect(parseCapture('hq')).toBe(highQualityCapture)
})
test('low-power capture has one layer of half the size below', () => {
  const { camera, below } = parseCapture('480x270x15')
  expect(camera).toMatchObject({ width: 480, height: 270, fps: 15 })
  expect(below).toHaveLength(1)
  expect(below[0]).toMatchObject({ width: 240, height: 135 })
})
test('nonsense is as good as nothing', () => {
  for (const wanted of ['', '720p', '0x0x0', '480x270', '99999x1x1', '480x270x15; x']) {
    expect(parseCapture(wanted)).toBe(standardCapture)
  }
})
