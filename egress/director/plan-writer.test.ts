import { describe, expect, test } from 'vitest'
import { defaultSettings } from '../../server/classroom/settings'
import { type BroadcastRun, type ClassState, emptyClass } from '../../server/classroom/state'
import type { FollowedClass } from '../../server/log/followed-class'
import type { Board } from './board'
import { createPlanWriter } from './plan-writer'

const run: BroadcastRun = { runId: 'run_1', base: 0, orderedAt: 0 }
const withRuns = (...runs: BroadcastRun[]): ClassState => ({
  ...emptyClass('cls_a', defaultSettings),
  phase: 'live',
  broadcast: { state: 'on', since: 0, runs },
})

/** A leader whose state can change, and a board that keeps what it is told; two origins listen. */
function setUp() {
  const plans: { closing?: string; closingId?: string }[] = []
  const waits: [runId: string, closingId: string, origins: number][] = []
  const led = { classId: 'cls_a', state: withRuns(run), head: { epoch: 1, seq: 1, nonce: '' }, leading: true }
  const board: Pick<Board, 'writePlan' | 'untilClosed'> = {
    async writePlan(_classId, text) {
      plans.push(JSON.parse(text))
      return 2
    },
    async untilClosed(_classId, { runId, closingId }, origins) {
      waits.push([runId, closingId, origins])
    },
  }
  const writer = createPlanWriter(led as unknown as FollowedClass, board as Board, 0, () => {})
  return { led, plans, waits, writer }
}

describe('a run that is about to be frozen', () => {
  test('is called closing, and every origin that was told is waited for', async () => {
    const { plans, waits, writer } = setUp()
    await writer.write()
    await writer.close('run_1')
    expect(plans.map(({ closing }) => closing)).toEqual([undefined, 'run_1'])
    expect(waits).toEqual([['run_1', plans[1]?.closingId, 2]])
  })

  test('is called so whatever else is written, until it has its end', async () => {
    const { led, plans, writer } = setUp()
    await writer.close('run_1')
    writer.forget()
    await writer.write()
    const next = { runId: 'run_2', base: 3, orderedAt: 0 }
    led.state = withRuns({ ...run, end: { segments: 3, lastParts: 1 } }, next)
    await writer.write()
    expect(plans.map(({ closing }) => closing)).toEqual(['run_1', 'run_1', undefined])
  })

  test('is open again if it is not frozen after all', async () => {
    const { plans, writer } = setUp()
    await writer.close('run_1')
    writer.reopen()
    await writer.write()
    expect(plans.map(({ closing }) => closing)).toEqual(['run_1', undefined])
  })

  test('is closed anew after that: what origins said the first time does not count', async () => {
    const { plans, waits, writer } = setUp()
    await writer.close('run_1')
    writer.reopen()
    await writer.close('run_1')
    expect(plans.map(({ closing }) => closing)).toEqual(['run_1', 'run_1'])
    expect(waits.map(([, closingId]) => closingId)).toEqual(plans.map(({ closingId }) => closingId))
    expect(new Set(waits.map(([, closingId]) => closingId)).size).toBe(2)
  })
})
