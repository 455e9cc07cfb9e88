import type { Redis } from 'ioredis'
import type { Logger } from 'pino'
import type { FollowedClass } from '../../server/log/followed-class'
import type { Bus } from '../../server/redis/bus'
import { createBoard } from './board'
import { type ActKind, type ClassDirector, createClassDirector, type DirectorDeps } from './class-director'
import { createEgresses, type EgressesDeps } from './egresses'
import { createEngineProcesses } from './engine-processes'
import { type EngineName, type Pacing, pacings } from './pacing'
import { toPlan } from './plan'

export type DirectorOptions = Pick<
  DirectorDeps,
  'ensureRoom' | 'submit' | 'now' | 'newRunId' | 'retentionDays'
> & {
  redis: Redis
  bus: Bus
  livekit: { url: string; apiKey: string; apiSecret: string }
  /** Official service or our worker: both answer the same EgressClient. */
  engine: EngineName
  /** Other times than those of the engine: for tests that cannot wait. */
  pacing?: Pacing
  broadcastDir: string
  /** BROADCAST_STANDBY */
  standby?: boolean
  /** For an engine that films a page: its address, and other storage than the engine's disk. */
  toPageUrl?: EgressesDeps['toPageUrl']
  s3?: EgressesDeps['s3']
  logger: Logger
}

export type Director = {
  /** Starts to direct the class whenever this process leads it. Attaching it again changes nothing. */
  attach(led: FollowedClass): void
  /** A webhook says that something became of an egress there; unknown classes are ignored. */
  nudge(classId: string): void
  /** Tells the origins what the log says of a class, whoever leads it; older plans never replace newer ones. */
  writePlan(followed: FollowedClass): Promise<void>
  /** How often each thing was done since the start: a metric. */
  readonly acts: Readonly<Record<ActKind, number>>
  close(): void
}

/**
 * The broadcast, wanted against actual: orders runs in the log, asks LiveKit for their egresses,
 * watches the health that origins report, replaces what is dead, stops what nobody wants. Throws nothing.
 */
export function createDirector(options: DirectorOptions): Director {
  const { redis, bus, livekit, engine, broadcastDir } = options
  const pacing = options.pacing ?? pacings[engine]
  const classes = new Map<string, ClassDirector>()
  const acts: Record<ActKind, number> = {
    order: 0,
    start: 0,
    takeOver: 0,
    standby: 0,
    announce: 0,
    picture: 0,
    stop: 0,
    conclude: 0,
    failed: 0,
  }
  const deps: DirectorDeps = {
    ...options,
    standby: options.standby ?? false,
    board: createBoard(redis, bus),
    processes: createEngineProcesses(redis),
    egresses: createEgresses({
      livekit,
      broadcastDir,
      requestMs: pacing.requestMs,
      segmentSeconds: pacing.segmentSeconds,
      toPageUrl: options.toPageUrl,
      s3: options.s3,
    }),
    pacing,
    count: (kind) => {
      acts[kind] += 1
    },
  }
  const rewritePlans = () => {
    for (const director of classes.values()) director.rewritePlan()
  }
  redis.on('ready', rewritePlans)
  return {
    attach(led) {
      if (classes.has(led.classId)) return
      classes.set(led.classId, createClassDirector(led, deps))
      led.listen((event) => {
        if (event.kind === 'closed') classes.delete(led.classId)
      })
    },
    async writePlan({ classId, state, head }) {
      await deps.board.writePlan(classId, JSON.stringify(toPlan(state, options.retentionDays)), head)
    },
    nudge: (classId) => classes.get(classId)?.nudge(),
    acts,
    close() {
      for (const director of classes.values()) director.stop()
      classes.clear()
      redis.off('ready', rewritePlans)
    },
  }
}
