import { expect, test } from 'vitest'
import { createPlaybackReports, createPlaybackSummaries } from './playback-health'

const fine = { stalls: 0, level: 2, following: true }

test('[PLAY1] health is the median over the viewers of all processes', () => {
  const here = createPlaybackReports()
  here.report('per_1', { ...fine, delayMs: 1500 }, 1000)
  here.report('per_2', { ...fine, delayMs: 1700, stalls: 2 }, 1000)
  const there = createPlaybackReports()
  there.report('per_3', { ...fine, delayMs: 9000 }, 1000)
  there.report('per_4', { ...fine, delayMs: 500_000, following: false }, 1000)
  const all = createPlaybackSummaries()
  all.hear('a', here.summarize(1000), 1000)
  all.hear('b', there.summarize(1000), 1000)
  expect(all.toHealth(1000)).toEqual({ viewers: 4, delayP50Ms: 1700, stalledShare: 0.25 })
})

test('[PLAY2] who stopped reporting does not count, nor does a process that went silent', () => {
  const reports = createPlaybackReports()
  reports.report('per_1', { ...fine, delayMs: 1500 }, 1000)
  expect(reports.summarize(31_001).viewers).toBe(0)
  const all = createPlaybackSummaries()
  all.hear('a', { viewers: 1, stalled: 0, delays: { 15: 1 } }, 1000)
  expect(all.toHealth(6001)).toBeNull()
})

test('[PLAY3] who waits for a first picture counts as somebody with stalls, and for no delay', () => {
  const reports = createPlaybackReports()
  const all = createPlaybackSummaries()
  const health = () => {
    all.hear('a', reports.summarize(1000), 1000)
    return all.toHealth(1000)
  }
  reports.report('per_1', fine, 1000)
  expect(health()).toEqual({ viewers: 1, delayP50Ms: 0, stalledShare: 1 })
  reports.report('per_2', { ...fine, delayMs: 1500 }, 1000)
  expect(health()).toEqual({ viewers: 2, delayP50Ms: 1500, stalledShare: 0.5 })
  reports.report('per_1', { ...fine, following: false }, 1000)
  expect(health()).toEqual({ viewers: 2, delayP50Ms: 1500, stalledShare: 0 })
})
