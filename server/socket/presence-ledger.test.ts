import { expect, test } from 'vitest'
import { createPresenceLedger } from './presence-ledger'

const GRACE = 45_000
const SILENCE = 15_000

function create() {
  const ledger = createPresenceLedger('self', { graceMs: GRACE, silenceMs: SILENCE })
  const alive = (now: number, ...names: string[]) => {
    for (const name of ['self', ...names]) ledger.hear(name, { kind: 'alive', n: 0 }, now)
  }
  return { ledger, alive }
}

test('[PRES1] somebody missing is gone after the grace, counted from when they were first missed', () => {
  const { ledger, alive } = create()
  alive(0)
  expect(ledger.findGone(['per_1'], 0)).toEqual([])
  alive(GRACE - 1)
  expect(ledger.findGone(['per_1'], GRACE - 1)).toEqual([])
  alive(GRACE)
  expect(ledger.findGone(['per_1'], GRACE)).toEqual(['per_1'])
})

test('[PRES2] coming back within the grace forgets the absence, in whichever process', () => {
  const { ledger, alive } = create()
  alive(0)
  ledger.hear('a', { kind: 'edges', n: 1, online: ['per_1'], offline: [] }, 0)
  ledger.hear('a', { kind: 'edges', n: 2, online: [], offline: ['per_1'] }, 1000)
  ledger.findGone(['per_1'], 1000)
  ledger.hear('b', { kind: 'edges', n: 1, online: ['per_1'], offline: [] }, 40_000)
  alive(40_000)
  ledger.findGone(['per_1'], 40_000)
  ledger.hear('b', { kind: 'edges', n: 2, online: [], offline: ['per_1'] }, 47_000)
  alive(47_000)
  expect(ledger.findGone(['per_1'], 47_000)).toEqual([])
})

test('[PRES3] the people of a process that fell silent are missing', () => {
  const { ledger, alive } = create()
  ledger.hear('a', { kind: 'all', n: 3, online: ['per_1'] }, 0)
  expect(ledger.isOnline('per_1', SILENCE)).toBe(true)
  alive(SILENCE + 1)
  expect(ledger.isOnline('per_1', SILENCE + 1)).toBe(false)
})

test('[PRES4] a lost message is noticed, and asked for until everything was told', () => {
  const { ledger } = create()
  expect(ledger.hear('a', { kind: 'edges', n: 1, online: ['per_1'], offline: [] }, 0)).toBe('understood')
  expect(ledger.hear('a', { kind: 'edges', n: 3, online: ['per_3'], offline: [] }, 0)).toBe('ask')
  expect(ledger.hear('a', { kind: 'alive', n: 3 }, 0)).toBe('ask')
  expect(ledger.hear('a', { kind: 'all', n: 3, online: ['per_1', 'per_2'] }, 0)).toBe('understood')
  expect(ledger.hear('a', { kind: 'alive', n: 3 }, 0)).toBe('understood')
  expect(ledger.hear('b', { kind: 'alive', n: 5 }, 0)).toBe('ask')
})

test('[PRES5] nobody is gone while the leader does not even hear itself', () => {
  const { ledger, alive } = create()
  alive(0)
  ledger.findGone(['per_1'], 0)
  expect(ledger.findGone(['per_1'], 10 * GRACE)).toEqual([])
  alive(10 * GRACE + 1)
  expect(ledger.findGone(['per_1'], 10 * GRACE + 1)).toEqual([])
})

test('[PRES6] two tabs in two processes: one gone is not gone', () => {
  const { ledger, alive } = create()
  alive(0, 'a', 'b')
  ledger.hear('a', { kind: 'edges', n: 1, online: ['per_1'], offline: [] }, 0)
  ledger.hear('b', { kind: 'edges', n: 1, online: ['per_1'], offline: [] }, 0)
  ledger.hear('a', { kind: 'edges', n: 2, online: [], offline: ['per_1'] }, 0)
  expect(ledger.isOnline('per_1', 0)).toBe(true)
})
