import { expect, test } from 'vitest'
import {
  keepQuality,
  type Quality,
  readQuality,
  startsLow,
  toMegabytesPerHour,
  toRenditionIndex,
} from './quality'

function memory(text: string | null = null) {
  let kept = text
  return {
    getItem: () => kept,
    setItem(_key: string, value: string) {
      kept = value
    },
  }
}
const renditions = [180, 360, 720].map((height, index) => ({ index, height, bitsPerSecond: 1, url: '' }))

test('a device keeps its choice', () => {
  const choices: Quality[] = [{ kind: 'auto' }, { kind: 'audio' }, { kind: 'fixed', height: 360 }]
  for (const quality of choices) {
    const storage = memory()
    keepQuality(storage, quality)
    expect(readQuality(storage)).toEqual(quality)
  }
})
test('what cannot be read is Auto, and a storage that refuses is no fault', () => {
  for (const text of [null, '', '{', '7', '{"kind":"fixed","height":"9"}', '{"kind":"other"}']) {
    expect(readQuality(memory(text))).toEqual({ kind: 'auto' })
  }
  const refusing = {
    setItem() {
      throw new Error('full')
    },
  }
  expect(() => keepQuality(refusing, { kind: 'audio' })).not.toThrow()
})
test('a class with other heights gets the nearest one', () => {
  expect(toRenditionIndex({ kind: 'fixed', height: 540 }, renditions)).toBe(1)
  expect(toRenditionIndex({ kind: 'fixed', height: 1080 }, renditions)).toBe(2)
  expect(toRenditionIndex({ kind: 'fixed', height: 1080 }, [])).toBeNull()
  expect(toRenditionIndex({ kind: 'auto' }, renditions)).toBeNull()
})
test('data is told by the hour', () => {
  expect(toMegabytesPerHour(64_000)).toBe(29)
  expect(toMegabytesPerHour(1_650_000)).toBe(743)
})
test('who saves data, or is on a slow network, starts low', () => {
  expect(startsLow(undefined)).toBe(false)
  expect(startsLow({ effectiveType: '4g' })).toBe(false)
  expect(startsLow({ effectiveType: '3g' })).toBe(true)
  expect(startsLow({ effectiveType: 'slow-2g' })).toBe(true)
  expect(startsLow({ saveData: true, effectiveType: '4g' })).toBe(true)
})
