import type { Logger } from 'pino'
import type { Envelope, SystemCommand } from '../../server/classroom/commands'
import type { ClassSettings } from '../../server/classroom/settings'
import type { ClassEvent, FollowedClass } from '../../server/log/followed-class'
import { createLoop } from '../../server/loop'
import { type RunHealth, toStandbyName } from '../run-health'
import type { Board } from './board'
import type { Egresses } from './egresses'
import { hasParts } from './health'
import {
  type Action,
  type ActiveEgress,
  findOpenRun,
  freshMemory,
  isKept,
  type Memory,
  mayStop,
  nextActions,
} from './next-actions'
import { type Pacing, toRetryMs } from './pacing'
import { createPlanWriter } from './plan-writer'
import { isWanted } from './wanted'

export type ActKind = Action['kind'] | 'failed'

export type DirectorDeps = {
  board: Board
  egresses: Egresses
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
/** While all is well LiveKit is asked this often which egresses run. */
const LIST_MS = 5_000

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
  let memory: Memory = freshMemory(deps.now(), deps.standby)
  let lastHealth: RunHealth | null = null
  let listed: { at: number; egresses: ActiveEgress[] } | null = null
  let cleanUp = true
  let faults = 0
  let stopped = false
  let seen = led.state

  const acts = () => !stopped && led.leading
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
    if (isWanted(before) || (open && memory.wantedAt === null)) memory = { ...memory, wantedAt: deps.now() }
    if (!open && !isKept(before, memory.wantedAt, deps.now()) && !cleanUp) {
      deps.board.unwatch(classId)
      return null
    }
    deps.board.watch(classId, () => loop.lookIn(0))
    const health = open ? await readHealth(open.runId) : null
    if (open && !(await deps.board.hasOrigin())) memory = { ...memory, blindAt: deps.now() }
    const egresses = await list()
    if (!acts() || led.state.broadcast !== before.broadcast) return 0
    const { pacing } = deps
    const waits = led.state.broadcast.standby
    const standby = waits ? await deps.board.readHealth(classId, toStandbyName(waits.runId)) : null
    const situation = { state: led.state, health, standby, egresses, memory, pacing, now: deps.now() }
    const actions = nextActions(situation)
    cleanUp = egresses === null || egresses.some(({ egressId }) => mayStop(egressId, memory))
    for (const action of actions) if (acts()) await carryOut(action)
    if (led.state.broadcast.standby) return QUICK_LOOK_MS
    return open || isKept(led.state, memory.wantedAt, deps.now()) ? LOOK_MS : CLEAN_UP_MS
  }

  async function readHealth(runId: string): Promise<RunHealth | null> {
    const health = await deps.board.readHealth(classId, runId)
    if (health) lastHealth = health
    if (lastHealth?.runId !== runId) return null
    if (hasParts(lastHealth)) memory = { ...memory, failures: 0 }
    return lastHealth
  }

  async function list(): Promise<ActiveEgress[] | null> {
    const steady = led.state.broadcast.state === 'on' && isKept(led.state, memory.wantedAt, deps.now())
    if (listed && steady && performance.now() - listed.at < LIST_MS) return listed.egresses
    try {
      listed = { at: performance.now(), egresses: await deps.egresses.listActive(classId) }
      return listed.egresses
    } catch (error) {
      logger.debug({ err: error }, 'LiveKit does not tell which egresses run')
      listed = null
      return null
    }
  }

  async function carryOut(action: Action): Promise<void> {
    deps.count(action.kind)
    switch (action.kind) {
      case 'order': {
        const { previousEnd, why } = action
        const runId = deps.newRunId()
        logger.info({ runId, previousEnd, why }, 'ordering a run of the broadcast')
        if (why === 'unborn' || (why === 'ended' && !previousEnd?.segments)) fail()
        cleanUp = true
        const ordered = await submit({ name: 'broadcast:run', runId, ...(previousEnd && { previousEnd }) })
        if (ordered && acts()) await start(runId)
        return
      }
      case 'start':
        await start(action.runId)
        return
      case 'takeOver': {
        const { runId, previousEnd, skip } = action
        logger.info({ runId, previousEnd, skip }, 'the standby takes over')
        cleanUp = true
        await submit({ name: 'broadcast:run', runId, previousEnd, skip })
        return
      }
      case 'standby':
        memory = { ...memory, standbyAt: deps.now() }
        await startStandby(deps.newRunId())
        return
      case 'announce':
        logger.debug({ runId: action.runId, afterMs: sinceOrdered() }, 'the first parts of the run are seen')
        await submit({ name: 'broadcast:seen', runId: action.runId })
        return
      case 'picture':
        await submit({ name: 'broadcast:picture', runId: action.runId, ...action.picture })
        return
      case 'stop':
        stopInBackground(action.egressId, action.runId)
        return
      case 'conclude':
        logger.info({ end: action.end }, 'the broadcast is over')
        cleanUp = true
        await submit({ name: 'broadcast:stop', end: action.end })
    }
  }

  async function start(runId: string): Promise<void> {
    const begunAt = performance.now()
    let outcome: Awaited<ReturnType<Egresses['start']>> = 'unanswered'
    try {
      await deps.ensureRoom(classId, led.state.settings)
      outcome = await deps.egresses.start(classId, runId)
    } catch (error) {
      logger.debug({ err: error, runId }, 'LiveKit is away')
    }
    memory = { ...memory, start: { runId, outcome, at: deps.now() } }
    if (outcome !== 'accepted') fail()
    listed = null
    const tookMs = Math.round(performance.now() - begunAt)
    logger.debug({ runId, outcome, tookMs, afterMs: sinceOrdered() }, 'asked for an egress')
  }

  async function startStandby(runId: string): Promise<void> {
    if (!(await submit({ name: 'broadcast:standby', runId })) || !acts()) return
    const outcome = await deps.egresses.start(classId, runId).catch(() => 'unanswered' as const)
    listed = null
    logger.debug({ runId, outcome }, 'asked for a standby')
  }

  function fail(): void {
    memory = { ...memory, failures: memory.failures + 1 }
  }

  /** Not waited for: an egress whose process is dead never answers. */
  function stopInBackground(egressId: string, runId: string): void {
    const attempts = (memory.stops.get(egressId)?.attempts ?? 0) + 1
    memory = { ...memory, stops: new Map(memory.stops).set(egressId, { attempts, at: deps.now() }) }
    logger.debug({ egressId, runId, attempts }, 'stopping an egress')
    deps.egresses
      .stop(egressId)
      .catch((error: unknown) => logger.debug({ err: error, egressId }, 'the egress does not answer'))
      .finally(nudge)
  }

  async function submit(command: SystemCommand): Promise<boolean> {
    const id = crypto.randomUUID()
    const outcome = await deps.submit(classId, { id, by: { kind: 'system' }, command })
    if (!outcome.ok) logger.debug({ command, outcome }, 'not accepted; decided anew')
    return outcome.ok
  }

  function sinceOrdered(): number {
    return deps.now() - (led.state.broadcast.runs.at(-1)?.orderedAt ?? deps.now())
  }

  function nudge(): void {
    listed = null
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
        memory = freshMemory(deps.now(), deps.standby)
        lastHealth = null
        cleanUp = true
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
