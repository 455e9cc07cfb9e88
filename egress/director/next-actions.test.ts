import { describe, expect, test } from 'vitest'
import { defaultSettings } from '../../server/classroom/settings'
import { type BroadcastRun, type ClassState, emptyClass } from '../../server/classroom/state'
import type { RunHealth } from '../run-health'
import { type ActiveEgress, freshMemory, type Memory, nextActions } from './next-actions'
import { LINGER_MS, pacings, QUIET_MS, SETTLE_MS, STOP_AGAIN_MS, STOP_ATTEMPTS } from './pacing'
import { QUICK_SETTLE_MS, STANDBY_RETRY_MS, TAKE_OVER_MS } from './standby'

const NOW = 1_000_000
const worker = pacings.worker

const live: ClassState = { ...emptyClass('cls_a', defaultSettings), phase: 'live' }
const full: ClassState = { ...live, tiers: { overflow: 1, waiting: 0 } }
const run: BroadcastRun = { runId: 'run_1', base: 0, orderedAt: NOW - 5_000 }
const starting = (state: ClassState): ClassState => ({
  ...state,
  broadcast: { state: 'starting', since: run.orderedAt, runs: [run] },
})
const on = (state: ClassState): ClassState => ({
  ...state,
  broadcast: { state: 'on', since: NOW - 3_000, runs: [run] },
})
const health = (silentMs: number): RunHealth => ({
  runId: 'run_1',
  segments: 4,
  parts: 3,
  lastPdt: NOW - silentMs,
  seenAt: NOW - silentMs,
})
const egress = (runId: string, egressId = `EG_${runId}`): ActiveEgress => ({ egressId, runId })
const running = [egress('run_1')]
const remembered = (memory: Partial<Memory>): Memory => ({ ...freshMemory(0), ...memory })
const accepted = remembered({ start: { runId: 'run_1', outcome: 'accepted', at: NOW - 5_000 } })

function actionsFor(
  state: ClassState,
  what: {
    health?: RunHealth
    standby?: RunHealth
    egresses?: ActiveEgress[] | null
    memory?: Memory
    pacing?: typeof worker
  },
) {
  const { memory = freshMemory(0), egresses = [], pacing = worker } = what
  const { health = null, standby = null } = what
  return nextActions({ state, health, standby, egresses, memory, pacing, now: NOW })
}

describe('starting', () => {
  test('nothing is done for a class that nobody needs a broadcast of', () => {
    expect(actionsFor(live, {})).toEqual([])
  })

  test('a run is ordered when somebody is in overflow', () => {
    expect(actionsFor(full, {})).toEqual([{ kind: 'order', why: 'wanted' }])
  })

  test('a run that was asked for gets its time', () => {
    expect(actionsFor(starting(full), { memory: accepted, egresses: running })).toEqual([])
  })

  test('the first parts are announced', () => {
    const actions = actionsFor(starting(full), { memory: accepted, egresses: running, health: health(100) })
    expect(actions).toEqual([{ kind: 'announce', runId: 'run_1' }])
  })

  test('a run without a part in time is replaced and counts for nothing', () => {
    const late = remembered({ start: { runId: 'run_1', outcome: 'accepted', at: NOW - worker.startMs } })
    const state: ClassState = starting(full)
    const older = { ...run, orderedAt: NOW - worker.startMs }
    const waited: ClassState = {
      ...state,
      broadcast: { state: 'starting', since: older.orderedAt, runs: [older] },
    }
    expect(actionsFor(waited, { memory: late, egresses: running })).toContainEqual({
      kind: 'order',
      why: 'unborn',
      previousEnd: { segments: 0, lastParts: 0 },
    })
  })

  test('patience doubles after a run that nobody saw to begin', () => {
    const fruitless = {
      ...run,
      runId: 'run_0',
      orderedAt: NOW - 60_000,
      end: { segments: 0, lastParts: 0 },
    }
    const older = { ...run, orderedAt: NOW - worker.startMs }
    const state: ClassState = {
      ...full,
      broadcast: { state: 'starting', since: older.orderedAt, runs: [fruitless, older] },
    }
    const memory = remembered({ start: { runId: 'run_1', outcome: 'accepted', at: older.orderedAt } })
    expect(actionsFor(state, { memory, egresses: running })).toEqual([])
  })

  test('a request without an answer is repeated for the same run, unless LiveKit lists it after all', () => {
    const memory = remembered({
      start: { runId: 'run_1', outcome: 'unanswered', at: NOW - 500 },
      failures: 1,
    })
    expect(actionsFor(starting(full), { memory })).toEqual([{ kind: 'start', runId: 'run_1' }])
    expect(actionsFor(starting(full), { memory, egresses: running })).toEqual([])
  })

  test('a request that was refused, or that nobody was there to take, is repeated without another run', () => {
    const tried = (outcome: 'refused' | 'absent', failures: number) =>
      actionsFor(starting(full), {
        memory: remembered({ start: { runId: 'run_1', outcome, at: NOW - 500 }, failures }),
        pacing: pacings['livekit-egress'],
      })
    expect(tried('refused', 1)).toEqual([{ kind: 'start', runId: 'run_1' }])
    expect(tried('refused', 2)).toEqual([])
    expect(tried('absent', 2)).toEqual([{ kind: 'start', runId: 'run_1' }])
  })

  test('an engine that does not refuse a run twice gets a new run instead', () => {
    const memory = remembered({
      start: { runId: 'run_1', outcome: 'unanswered', at: NOW - 500 },
      failures: 1,
    })
    const [action] = actionsFor(starting(full), { memory, pacing: pacings['livekit-egress'] })
    expect(action).toMatchObject({ kind: 'order', why: 'unborn' })
  })

  test('the pause between tries grows from half a second to eight', () => {
    const tried = (failures: number, agoMs: number) =>
      actionsFor(starting(full), {
        memory: remembered({ start: { runId: 'run_1', outcome: 'unanswered', at: NOW - agoMs }, failures }),
      })
    expect(tried(1, 499)).toEqual([])
    expect(tried(1, 500)).toHaveLength(1)
    expect(tried(3, 1_999)).toEqual([])
    expect(tried(50, 7_999)).toEqual([])
    expect(tried(50, 8_000)).toHaveLength(1)
  })

  test('while LiveKit does not tell what runs nothing is asked of it twice', () => {
    const memory = remembered({ start: { runId: 'run_1', outcome: 'unanswered', at: 0 }, failures: 9 })
    expect(actionsFor(starting(full), { memory, egresses: null })).toEqual([])
  })

  test('an egress that ended before its first part is replaced', () => {
    const [action] = actionsFor(starting(full), { memory: accepted, egresses: [] })
    expect(action).toMatchObject({ kind: 'order', why: 'ended' })
  })
})

describe('a broadcast that is on', () => {
  test('goes on while parts come', () => {
    expect(actionsFor(on(full), { health: health(worker.staleMs - 1), egresses: running })).toEqual([])
  })

  test('has its pictures in the log once, whenever they change', () => {
    const main = { personId: 'per_t', source: 'screen' } as const
    const picture = { at: NOW - 400, main, aside: null }
    const shown = { ...health(100), picture }
    expect(actionsFor(on(full), { health: shown, egresses: running })).toEqual([
      { kind: 'picture', runId: 'run_1', picture },
    ])
    const state = on(full)
    const pictures = { runId: 'run_1', main, aside: null, shownAt: NOW - 400 }
    const told = { ...state, broadcast: { ...state.broadcast, pictures } }
    expect(actionsFor(told, { health: shown, egresses: running })).toEqual([])
  })

  test('is replaced when no part came for too long, frozen at what viewers were told', () => {
    const [action, ...rest] = actionsFor(on(full), { health: health(worker.staleMs), egresses: running })
    expect(action).toEqual({ kind: 'order', why: 'dead', previousEnd: { segments: 4, lastParts: 3 } })
    expect(rest).toEqual([])
  })

  test('is replaced at once when its egress has ended and everything of it was reported', () => {
    const [action] = actionsFor(on(full), { health: health(SETTLE_MS), egresses: [] })
    expect(action).toMatchObject({ kind: 'order', why: 'ended' })
    expect(actionsFor(on(full), { health: health(SETTLE_MS - 1), egresses: [] })).toEqual([])
  })

  test('is replaced at once when its journal has ended, although LiveKit calls its egress active', () => {
    const over = (agoMs: number) => ({ ...health(agoMs), ended: true })
    const [action] = actionsFor(on(full), { health: over(SETTLE_MS), egresses: running })
    expect(action).toEqual({ kind: 'order', why: 'ended', previousEnd: { segments: 4, lastParts: 3 } })
    expect(actionsFor(on(full), { health: over(SETTLE_MS - 1), egresses: running })).toEqual([])
  })

  test('is not called dead while no origin is there to see it', () => {
    const memory = remembered({ blindAt: NOW - 100 })
    expect(actionsFor(on(full), { health: health(60_000), egresses: running, memory })).toEqual([])
  })

  test('whose health is forgotten is never frozen below what viewers have seen', () => {
    const fresh = remembered({ ledAt: NOW - 100 })
    expect(actionsFor(on(full), { egresses: running, memory: fresh })).toEqual([])
    const [action] = actionsFor(on(full), { egresses: running })
    expect(action).toMatchObject({ kind: 'order', previousEnd: { segments: 10, lastParts: 0 } })
  })

  test('lingers after nobody wants it, then is stopped', () => {
    const memory = (agoMs: number) => remembered({ wantedAt: NOW - agoMs })
    const just = { health: health(100), egresses: running }
    expect(actionsFor(on(live), { ...just, memory: memory(LINGER_MS - 1) })).toEqual([])
    expect(actionsFor(on(live), { ...just, memory: memory(LINGER_MS) })).toEqual([
      { kind: 'stop', egressId: 'EG_run_1', runId: 'run_1' },
    ])
  })

  test('does not linger after the end of the class', () => {
    const over: ClassState = { ...on(full), phase: 'ended' }
    const memory = remembered({ wantedAt: NOW })
    expect(actionsFor(over, { health: health(100), egresses: running, memory })).toHaveLength(1)
  })

  test('is over when its egress is gone and nothing comes any more', () => {
    expect(actionsFor(on(live), { health: health(QUIET_MS - 1) })).toEqual([])
    expect(actionsFor(on(live), { health: health(QUIET_MS) })).toEqual([
      { kind: 'conclude', end: { segments: 4, lastParts: 3 } },
    ])
  })

  test('is over even if its dead egress does not answer', () => {
    const memory = remembered({ stops: new Map([['EG_run_1', { attempts: 1, at: NOW }]]) })
    const actions = actionsFor(on(live), { health: health(worker.staleMs), egresses: running, memory })
    expect(actions).toContainEqual({ kind: 'conclude', end: { segments: 4, lastParts: 3 } })
  })
})

describe('egresses that are not the newest run', () => {
  const stray = egress('run_0')

  test('are stopped', () => {
    expect(actionsFor(on(full), { health: health(100), egresses: [...running, stray] })).toEqual([
      { kind: 'stop', egressId: 'EG_run_0', runId: 'run_0' },
    ])
    expect(actionsFor(live, { egresses: [stray] })).toHaveLength(1)
  })

  test('that do not answer are left alone after some tries', () => {
    const asked = (attempts: number, agoMs: number) =>
      actionsFor(live, {
        egresses: [stray],
        memory: remembered({ stops: new Map([['EG_run_0', { attempts, at: NOW - agoMs }]]) }),
      })
    expect(asked(1, STOP_AGAIN_MS - 1)).toEqual([])
    expect(asked(1, STOP_AGAIN_MS)).toHaveLength(1)
    expect(asked(STOP_ATTEMPTS, STOP_AGAIN_MS)).toEqual([])
  })
})

describe('a standby', () => {
  const wanting = remembered({ wantsStandby: true })
  const beside = (state: ClassState): ClassState => ({
    ...state,
    broadcast: { ...state.broadcast, standby: { runId: 'run_s', orderedAt: NOW - 9_000 } },
  })
  const both = [egress('run_1'), egress('run_s')]
  const fresh = (agoMs: number, segments = 6): RunHealth => ({ ...health(agoMs), runId: 'run_s', segments })

  test('is ordered once the broadcast is on, where it is wanted', () => {
    const just = { health: health(100), egresses: running }
    expect(actionsFor(on(full), { ...just, memory: wanting })).toEqual([{ kind: 'standby' }])
    expect(actionsFor(on(full), just)).toEqual([])
    expect(actionsFor(starting(full), { egresses: running, memory: wanting })).toEqual([])
  })

  test('is left alone while both have parts, and is no stray', () => {
    const what = { health: health(100), standby: fresh(100), egresses: both, memory: wanting }
    expect(actionsFor(beside(on(full)), what)).toEqual([])
  })

  test('takes over from the segment that is open, as soon as the other is silent', () => {
    const actionsAfter = (silentMs: number, standby: RunHealth) =>
      actionsFor(beside(on(full)), { health: health(silentMs), standby, egresses: both, memory: wanting })
    expect(actionsAfter(TAKE_OVER_MS - 1, fresh(100))).toEqual([])
    expect(actionsAfter(TAKE_OVER_MS, fresh(100))).toEqual([
      { kind: 'takeOver', runId: 'run_s', previousEnd: { segments: 4, lastParts: 3 }, skip: 5 },
    ])
  })

  test('takes over from one whose process has gone as soon as all of it was reported', () => {
    const actionsAfter = (silentMs: number) =>
      actionsFor(beside(on(full)), {
        health: health(silentMs),
        standby: fresh(100),
        egresses: [egress('run_s')],
        memory: wanting,
      })
    expect(actionsAfter(QUICK_SETTLE_MS - 1)).toEqual([])
    expect(actionsAfter(QUICK_SETTLE_MS)).toMatchObject([{ kind: 'takeOver', runId: 'run_s' }])
  })

  test('does not when it is silent as well, or has only begun', () => {
    const actionsAfter = (standby: RunHealth) =>
      actionsFor(beside(on(full)), { health: health(TAKE_OVER_MS), standby, egresses: both, memory: wanting })
    expect(actionsAfter(fresh(TAKE_OVER_MS))).toEqual([])
    expect(actionsAfter(fresh(50, 1))).toEqual([])
  })

  test('that is dead is replaced, not more often than every ten seconds', () => {
    const what = { health: health(100), standby: fresh(worker.staleMs), egresses: both }
    const asked = (agoMs: number) => remembered({ wantsStandby: true, standbyAt: NOW - agoMs })
    expect(actionsFor(beside(on(full)), { ...what, memory: asked(STANDBY_RETRY_MS) })).toEqual([
      { kind: 'standby' },
    ])
    expect(actionsFor(beside(on(full)), { ...what, memory: asked(STANDBY_RETRY_MS - 1) })).toEqual([])
    const gone = { ...what, standby: fresh(100), egresses: running, memory: wanting }
    expect(actionsFor(beside(on(full)), gone)).toEqual([{ kind: 'standby' }])
  })

  test('is stopped with the broadcast', () => {
    const actions = actionsFor(beside(on(live)), { health: health(100), standby: fresh(100), egresses: both })
    expect(actions.map((action) => action.kind)).toEqual(['stop', 'stop'])
  })
})
