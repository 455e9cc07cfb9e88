import { expect, test } from 'vitest'
import { standardCapture } from './capture'
import { screenShareOptions, toRoomOptions } from './room-options'

const { publishDefaults } = toRoomOptions(standardCapture)

test('a shared page keeps its size and drops frames first: 1080p15, 1080p5, 720p3, each with fewer bits', () => {
  const { resolution, contentHint } = screenShareOptions
  const top = { ...resolution, ...publishDefaults?.screenShareEncoding }
  const below = (publishDefaults?.screenShareSimulcastLayers ?? []).map(({ width, height, encoding }) => ({
    width,
    height,
    ...encoding,
  }))
  const layers = [top, ...below].sort((a, b) => Number(b.maxBitrate) - Number(a.maxBitrate))
  expect(layers.map(({ width, height, maxFramerate }) => [width, height, maxFramerate])).toEqual([
    [1920, 1080, 15],
    [1920, 1080, 5],
    [1280, 720, 3],
  ])
  expect(contentHint).toBe('text')
})

test('a camera is sent in three layers of H.264, whose sound does not pause', () => {
  expect(publishDefaults).toMatchObject({
    videoCodec: 'h264',
    simulcast: true,
    backupCodec: false,
    dtx: false,
  })
  expect(publishDefaults?.videoSimulcastLayers).toHaveLength(2)
})
