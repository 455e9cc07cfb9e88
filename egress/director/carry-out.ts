import type { Logger } from 'pino'
import type { SystemCommand } from '../../server/classroom/commands'
import type { RunEnd } from '../../server/classroom/state'
import type { FollowedClass } from '../../server/log/followed-class'
import type { DirectorDeps } from './class-director'
import type { EgressList } from './egress-list'
import type { StartOutcome } from './egresses'
import { hasParts, toEnd } from './health'
import type { Action, Memory } from './next-actions'
import type { PlanWriter } from './plan-writer'
import { STANDBY_RETRY_MS, STANDBY_SETTLE_MS } from './standby'

/** What the director of a class knows, and whether egresses that nobody wants may be left. */
export type Mind = { memory: Memory; cleanUp: boolean }

type CarryOutDeps = {
  led: FollowedClass
  deps: DirectorDeps
  mind: Mind
  list: EgressList
  plan: PlanWriter
  logger: Logger
  acts(): boolean
  nudge(): void
}

/** Does what was decided: commands to the log, requests to LiveKit; what became of them goes to the mind. */
export function createCarryOut({ led, deps, mind, list, plan, logger, acts, nudge }: CarryOutDeps) {
  const { classId } = led
  const remember = (news: Partial<Memory>) => {
    mind.memory = { ...mind.memory, ...news }
  }
  const fail = () => remember({ failures: mind.memory.failures + 1 })

  async function submit(command: SystemCommand): Promise<boolean> {
    const id = crypto.randomUUID()
    const outcome = await deps.submit(classId, { id, by: { kind: 'system' }, command })
    if (!outcome.ok) logger.debug({ command, outcome }, 'not accepted; decided anew')
    return outcome.ok
  }

  function sinceOrdered(): number {
    return deps.now() - (led.state.broadcast.runs.at(-1)?.orderedAt ?? deps.now())
  }

  async function request(runId: string): Promise<StartOutcome> {
    try {
      await deps.ensureRoom(classId, led.state.settings)
      return await deps.egresses.start(classId, runId)
    } catch (error) {
      logger.debug({ err: error, runId }, 'LiveKit is away')
      return 'unanswered'
    }
  }

  async function start(runId: string): Promise<StartOutcome | 'absent'> {
    if (!(await deps.processes.takesRequests())) {
      remember({ start: { runId, outcome: 'absent', at: deps.now() } })
      return 'absent'
    }
    const begunAt = performance.now()
    const outcome = await request(runId)
    remember({ start: { runId, outcome, at: deps.now() } })
    if (outcome !== 'accepted') fail()
    list.forget()
    const tookMs = Math.round(performance.now() - begunAt)
    logger.debug({ runId, outcome, tookMs, afterMs: sinceOrdered() }, 'asked for an egress')
    return outcome
  }

  async function startStandby(runId: string): Promise<void> {
    if (!(await submit({ name: 'broadcast:standby', runId })) || !acts()) return
    const outcome = await deps.egresses.start(classId, runId).catch(() => 'unanswered' as const)
    list.forget()
    logger.debug({ runId, outcome }, 'asked for a standby')
  }

  /** Not waited for: an egress whose process is dead never answers. */
  function stopInBackground(egressId: string, runId: string): void {
    const { stops } = mind.memory
    const attempts = (stops.get(egressId)?.attempts ?? 0) + 1
    remember({ stops: new Map(stops).set(egressId, { attempts, at: deps.now() }) })
    logger.debug({ egressId, runId, attempts }, 'stopping an egress')
    deps.egresses
      .stop(egressId)
      .catch((error: unknown) => logger.debug({ err: error, egressId }, 'the egress does not answer'))
      .finally(nudge)
  }

  /** A run is frozen at exactly what viewers were told of it. */
  async function freeze(known: RunEnd): Promise<RunEnd> {
    const runId = led.state.broadcast.runs.at(-1)?.runId
    if (runId === undefined) return known
    await plan.close(runId)
    const health = await deps.board.readHealth(classId, runId)
    return hasParts(health) ? toEnd(health) : known
  }

  async function replace(runId: string, known: RunEnd | undefined, skip?: number): Promise<boolean> {
    const previousEnd = known && (await freeze(known))
    logger.info({ runId, previousEnd, skip }, 'a run of the broadcast')
    const command = { name: 'broadcast:run' as const, runId, ...(previousEnd && { previousEnd }) }
    const ordered = acts() && (await submit(skip === undefined ? command : { ...command, skip }))
    if (!ordered) plan.reopen()
    return ordered
  }

  return async function carryOut(action: Action): Promise<void> {
    if (action.kind !== 'start') deps.count(action.kind)
    switch (action.kind) {
      case 'order': {
        const { previousEnd, why } = action
        const runId = deps.newRunId()
        logger.info({ runId, why }, 'ordering a run of the broadcast')
        if (why === 'unborn' || (why === 'ended' && !previousEnd?.segments)) fail()
        mind.cleanUp = true
        if ((await replace(runId, previousEnd)) && acts()) await start(runId)
        return
      }
      case 'start':
        if ((await start(action.runId)) !== 'absent') deps.count('start')
        return
      case 'takeOver': {
        const { runId, previousEnd, skip } = action
        logger.info({ runId }, 'the standby takes over')
        mind.cleanUp = true
        remember({ standbyAt: deps.now() - STANDBY_RETRY_MS + STANDBY_SETTLE_MS })
        await replace(runId, previousEnd, skip)
        return
      }
      case 'standby':
        remember({ standbyAt: deps.now() })
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
        mind.cleanUp = true
        await submit({ name: 'broadcast:stop', end: action.end })
    }
  }
}
