import { expect, test } from 'vitest'
import { createSlices, createTurnstile } from './turns'

const round = () => new Promise((resolve) => setImmediate(resolve))

test('[TURN1] a crowd is let through in its order, a slice in each round of the event loop', async () => {
  let ms = 0
  const pass = createTurnstile(() => ms++)
  const through: number[] = []
  for (let i = 0; i < 100; i++) pass(() => through.push(i))
  const rounds: number[] = []
  while (through.length < 100) {
    rounds.push(through.length)
    await round()
  }
  expect(through).toEqual([...Array(100).keys()])
  expect(rounds.filter((count, i) => count - (rounds[i - 1] ?? 0) > 20)).toEqual([])
  pass(() => through.push(100))
  while (through.length < 101) await round()
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
