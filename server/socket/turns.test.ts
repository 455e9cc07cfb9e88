import { expect, test } from 'vitest'
import { createSlices, createTurnstile } from './turns'

const round = () => new Promise((resolve) => setImmediate(resolve))

test('[TURN1] a crowd is let through in its order, a few in each round of the event loop', async () => {
  const pass = createTurnstile()
  const through: number[] = []
  for (let i = 0; i < 100; i++) pass(() => through.push(i))
  expect(through).toEqual([])
  await round()
  const first = through.length
  expect(first).toBeGreaterThan(0)
  expect(first).toBeLessThan(50)
  while (through.length < 100) await round()
  expect(through).toEqual([...Array(100).keys()])
  pass(() => through.push(100))
  await round()
  expect(through).toHaveLength(101)
})

test('[TURN2] a slice is over after its time, and a new one begins when others had theirs', async () => {
  let now = 0
  const slices = createSlices(() => now)
  expect(slices.isOver()).toBe(false)
  now = 1000
  expect(slices.isOver()).toBe(true)
  let others = false
  setImmediate(() => {
    others = true
  })
  await slices.giveWay()
  expect(others).toBe(true)
  expect(slices.isOver()).toBe(false)
})
