import { expect, test, vi } from 'vitest'
import { createByteCache, ENTRY_BYTES } from './byte-cache'

const load = (size: number) => vi.fn(() => Promise.resolve(Buffer.alloc(size)))

test('[CAC1] the same bytes asked for by many at once are read once', async () => {
  const cache = createByteCache(100)
  const read = load(10)
  const all = await Promise.all([1, 2, 3].map(() => cache.read('a', 10, read)))
  expect(read).toHaveBeenCalledTimes(1)
  expect(new Set(all).size).toBe(1)
})

test('[CAC2] what was read longest ago goes first, and the size is kept', async () => {
  const limit = 30 + 2 * ENTRY_BYTES
  const cache = createByteCache(limit)
  const [a, b] = [load(10), load(10)]
  await cache.read('a', 10, a)
  await cache.read('b', 10, b)
  await cache.read('a', 10, a)
  await cache.read('c', 20, load(20))
  expect(cache.size()).toBe(limit)
  await cache.read('a', 10, a)
  await cache.read('b', 10, b)
  expect([a, b].map(({ mock }) => mock.calls.length)).toEqual([1, 2])
})

test('[CAC3] a failed reading is not remembered', async () => {
  const cache = createByteCache(100)
  await expect(cache.read('a', 10, () => Promise.reject(new Error('disk')))).rejects.toThrow('disk')
  expect((await cache.read('a', 10, load(10))).length).toBe(10)
  expect(cache.size()).toBe(10 + ENTRY_BYTES)
})
