import type { Logger } from 'pino'
import type { Envelope } from '../../server/classroom/commands'
import type { ClassSettings } from '../../server/classroom/settings'
import type { ClassEvent, FollowedClass } from '../../server/log/followed-class'
import { createLoop } from '../../server/loop'
import { type RunHealth, toStandbyName } from '../run-health'
import type { Board } from './board'
import { createCarryOut, type Mind } from './carry-out'
import { createEgressList } from './egress-list'
import type { Egresses } from './egresses'
import type { EngineProcesses } from './engine-processes'
import { hasParts } from './health'
import { type Action, findOpenRun, freshMemory, isKept, mayStop, nextActions } from './next-actions'
import { type Pacing, SETTLE_MS, toRetryMs } from './pacing'
import { createPlanWriter } from './plan-writer'
import { QUICK_SETTLE_MS } from './standby'
import { isWanted } from './wanted'

export type ActKind = Action['kind'] | 'failed'

export type DirectorDeps = {
  board: Board
  egresses: Egresses
  processes: EngineProcesses
  pacing: Pacing
  /** LiveKit starts no egress in a room that is not there. */
  ensureRoom(classId: string, settings: Pick<ClassSettings, 'seats' | 'stageLimit'>): Promise<void>
  submit(classId: string, envelope: Envelope): Promise<{ ok: boolean }>
  /** Server time, ms. */
  now(): number
  newRunId(): string
  /** A recording is kept so long after its class; 0: until somebody deletes it. */
  retentionDays: number
  /** BROADCAST_STANDBY: a second egress of each class follows it, and takes over. */
  standby: boolean
  logger: Logger
  count(kind: ActKind): void
}

/** Health is looked at this often while there is a broadcast; hints come earlier. */
const LOOK_MS = 500
/** Where a standby waits to take over within a second. */
const QUICK_LOOK_MS = 150
/** Egresses that nobody wants are asked again to stop, or have gone by then. */
const CLEAN_UP_MS = 2_000
/** A worker that died is back in a second: whoever waits for one looks so often, and after a while less so. */
const ENGINE_LOOK_MS = 100
const PATIENT_ENGINE_LOOK_MS = 1_000
const QUICK_RETURN_MS = 10_000

/** Directs the broadcast of one class while this process leads it. */
export type ClassDirector = {
  /** Something changed at LiveKit: ask it, now. */
  nudge(): void
  /** Redis may have lost the plan. */
  rewritePlan(): void
  stop(): void
}

export function createClassDirector(led: FollowedClass, deps: DirectorDeps): ClassDirector {
  const { classId } = led
  const logger = deps.logger.child({ classId })
  const plan = createPlanWriter(led, deps.board, deps.retentionDays, () => loop.lookIn(toRetryMs(1)))
  const mind: Mind = { memory: freshMemory(deps.now(), deps.standby), cleanUp: true }
  const list = createEgressList(classId, deps.egresses, deps.processes, logger)
  let lastHealth: RunHealth | null = null
  let faults = 0
  let stopped = false
  let seen = led.state

  const acts = () => !stopped && led.leading
  const carryOut = createCarryOut({ led, deps, mind, list, plan, logger, acts, nudge })
  const remember = (news: Partial<Mind['memory']>) => {
    mind.memory = { ...mind.memory, ...news }
  }
  const loop = createLoop(() => (acts() ? look().then(succeed, fall) : Promise.resolve(null)))

  function succeed(delayMs: number | null): number | null {
    faults = 0
    return delayMs
  }

  function fall(error: unknown): number {
    deps.count('failed')
    if (faults === 0) logger.warn({ err: error }, 'the broadcast cannot be looked after; trying again')
    faults += 1
    return toRetryMs(faults)
  }

  /** Compares wanted with actual and acts; says when to look again, null: when something happens. */
  async function look(): Promise<number | null> {
    await plan.write()
    const before = led.state
    const open = findOpenRun(before)
    if (isWanted(before) || (open && mind.memory.wantedAt === null)) remember({ wantedAt: deps.now() })
    if (!open && !isKept(before, mind.memory.wantedAt, deps.now()) && !mind.cleanUp) {
      deps.board.unwatch(classId)
      return null
    }
    deps.board.watch(classId, () => loop.lookIn(0))
    const steady = before.broadcast.state === 'on' && isKept(before, mind.memory.wantedAt, deps.now())
    const egresses = await list.read(steady)
    if (open && !(await deps.board.hasOrigin())) remember({ blindAt: deps.now() })
    // After the list: of an egress that has ended, what it wrote last is then known too.
    const health = open ? await readHealth(open.runId) : null
    const waits = led.state.broadcast.standby
    const standby = waits ? await deps.board.readHealth(classId, toStandbyName(waits.runId)) : null
    if (!acts() || led.state.broadcast !== before.broadcast) return 0
    const { memory } = mind
    const situation = {
      state: led.state,
      health,
      standby,
      egresses,
      memory,
      pacing: deps.pacing,
      now: deps.now(),
    }
    const actions = nextActions(situation)
    mind.cleanUp = egresses === null || egresses.some(({ egressId }) => mayStop(egressId, memory))
    for (const action of actions) if (acts()) await carryOut(action)
    return toDelay(open !== null, health)
  }

  /** An egress that has gone is replaced as soon as all of it was reported: not at the next look by the clock. */
  function toDelay(isOpen: boolean, health: RunHealth | null): number {
    if (mind.memory.start?.outcome === 'absent') {
      const waitedMs = deps.now() - (led.state.broadcast.runs.at(-1)?.orderedAt ?? 0)
      return waitedMs < QUICK_RETURN_MS ? ENGINE_LOOK_MS : PATIENT_ENGINE_LOOK_MS
    }
    const quick = led.state.broadcast.standby !== undefined
    const settledInMs = health ? health.seenAt + (quick ? QUICK_SETTLE_MS : SETTLE_MS) - deps.now() : 0
    const lookMs = quick ? QUICK_LOOK_MS : LOOK_MS
    if (settledInMs > 0) return Math.min(lookMs, settledInMs + 1)
    return quick || isOpen || isKept(led.state, mind.memory.wantedAt, deps.now()) ? lookMs : CLEAN_UP_MS
  }

  async function readHealth(runId: string): Promise<RunHealth | null> {
    const health = await deps.board.readHealth(classId, runId)
    if (health) lastHealth = health
    if (lastHealth?.runId !== runId) return null
    if (hasParts(lastHealth)) remember({ failures: 0 })
    return lastHealth
  }

  function nudge(): void {
    list.forget()
    loop.lookIn(0)
  }

  const unlisten = led.listen((event: ClassEvent) => {
    switch (event.kind) {
      case 'batch': {
        const { after } = event.batch
        const same =
          after.broadcast === seen.broadcast &&
          after.phase === seen.phase &&
          after.settings === seen.settings &&
          after.recording === seen.recording &&
          after.chapters === seen.chapters &&
          isWanted(after) === isWanted(seen)
        seen = after
        if (same) return
        void plan.write()
        loop.lookIn(0)
        return
      }
      case 'epoch':
        seen = event.state
        rewritePlan()
        return
      case 'lead':
        mind.memory = freshMemory(deps.now(), deps.standby)
        mind.cleanUp = true
        lastHealth = null
        if (event.leading) rewritePlan()
        else deps.board.unwatch(classId)
        return
      case 'closed':
        stop()
    }
  })

  function rewritePlan(): void {
    plan.forget()
    loop.lookIn(0)
  }

  function stop(): void {
    stopped = true
    loop.stop()
    deps.board.unwatch(classId)
    unlisten()
  }

  loop.lookIn(0)
  return { nudge, rewritePlan, stop }
}
