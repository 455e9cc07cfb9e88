import { EventEmitter } from 'node:events'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Rehearsal } from '../../tests/support/rehearsal'
import type { ClassListener, FollowedClass } from '../log/followed-class'
import { revokeRemoved } from './revoke-removed'

const LONG_MS = 60_000

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** A class with rules and people, of which this process may lead or not, and a store that may be away. */
function setUp() {
  const rehearsal = Rehearsal.live(2)
  const listeners = new Set<ClassListener>()
  const followed: FollowedClass = {
    classId: rehearsal.state.classId,
    get state() {
      return rehearsal.state
    },
    head: { epoch: 1, seq: 1, nonce: '' },
    leading: true,
    listen(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    factsAfter: async () => null,
  }
  let lead: (followed: FollowedClass, leading: boolean) => void = () => {}
  const onLead = (listener: typeof lead) => {
    lead = listener
    return () => {
      lead = () => {}
    }
  }
  const store = { isAway: false, tries: 0, revoked: new Set<string>() }
  async function revoke(personIds: readonly string[]) {
    store.tries += 1
    if (store.isAway) throw new Error('Redis is away')
    for (const personId of personIds) store.revoked.add(personId)
  }
  const warn = vi.fn()
  const redis = new EventEmitter()
  const close = revokeRemoved({ onLead }, { revoke }, redis as never, { warn } as never)

  function remove(personId: string) {
    const before = rehearsal.state
    const answer = rehearsal.as('t', { name: 'person:remove', personId })
    if (!answer.ok) throw new Error(answer.code)
    const { facts } = answer
    const batch = { before, after: rehearsal.state, facts, states: [], head: followed.head }
    for (const listener of listeners) listener({ kind: 'batch', batch })
  }
  const tell = (leading: boolean) => lead(followed, leading)
  function beginEpoch() {
    for (const listener of listeners) listener({ kind: 'epoch', state: followed.state, head: followed.head })
  }
  return { store, redis, listeners, warn, close, remove, tell, beginEpoch }
}

test('[REV1] whoever is removed loses their tokens, and all who were before when this process begins to lead', async () => {
  const { store, remove, tell } = setUp()
  remove('s1')
  await vi.advanceTimersByTimeAsync(LONG_MS)
  expect([...store.revoked]).toEqual([])
  tell(true)
  await vi.advanceTimersByTimeAsync(1)
  expect([...store.revoked]).toEqual(['s1'])
  remove('s2')
  await vi.advanceTimersByTimeAsync(1)
  expect([...store.revoked]).toEqual(['s1', 's2'])
})

test('[REV2] a write that fails is tried again, ever less often, until it is there; then nothing is left to do', async () => {
  const { store, warn, remove, tell } = setUp()
  store.isAway = true
  tell(true)
  remove('s1')
  await vi.advanceTimersByTimeAsync(LONG_MS)
  // After 0, 0.25, 0.75, 1.75, 3.75 and 7.75 s, then every 8 s.
  expect(store.tries).toBe(12)
  remove('s2')
  expect(warn).toHaveBeenCalledTimes(1)
  store.isAway = false
  await vi.advanceTimersByTimeAsync(8_000)
  expect([...store.revoked]).toEqual(['s1', 's2'])
  expect(vi.getTimerCount()).toBe(0)
})

test('[REV3] a process that leads no more, or ends, tries no more and leaves no timer', async () => {
  for (const how of ['lost', 'closed', 'ended'] as const) {
    const { store, redis, listeners, close, remove, tell } = setUp()
    store.isAway = true
    tell(true)
    remove('s1')
    await vi.advanceTimersByTimeAsync(1_000)
    const { tries } = store
    expect(tries).toBeGreaterThan(1)
    if (how === 'lost') tell(false)
    if (how === 'closed') for (const listener of listeners) listener({ kind: 'closed', reason: 'gone' })
    if (how === 'ended') close()
    expect([vi.getTimerCount(), listeners.size], how).toEqual([0, 0])
    redis.emit('ready')
    await vi.advanceTimersByTimeAsync(LONG_MS)
    expect(store.tries, how).toBe(tries)
    close()
    expect(redis.listenerCount('ready'), how).toBe(0)
  }
})

test('[REV4] when Redis is back, or has lost history, all who were removed are written again', async () => {
  const { store, redis, remove, tell, beginEpoch } = setUp()
  tell(true)
  remove('s1')
  remove('s2')
  for (const happen of [beginEpoch, () => redis.emit('ready')]) {
    await vi.advanceTimersByTimeAsync(LONG_MS)
    store.revoked.clear()
    happen()
    await vi.advanceTimersByTimeAsync(1)
    expect([...store.revoked]).toEqual(['s1', 's2'])
  }
})
