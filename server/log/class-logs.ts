import type { Envelope } from '../classroom/commands'
import type { FactArchive } from './archive'
import type { FollowedClass } from './followed-class'
import type { Outcome } from './outcome'
import type { Rules } from './rules'

export type { ArchiveBatch, Checkpoint, FactArchive } from './archive'
export type { Batch, ClassEvent, ClassListener, FollowedClass } from './followed-class'
export type { Head } from './head'
export type { Outcome } from './outcome'
export type { Rules } from './rules'

export type LogStatus = {
  redis: 'up' | 'down'
  classesFollowed: number
  classesLed: number
  /** `failing`: since when (server time, ms) the archive takes nothing. */
  scribe: { lagFacts: number; lagMs: number; failing: number | null }
  clockOffsetMs: number
}

/** All logs of classes, as one process sees them. Nothing here throws because Redis or the archive is away. */
export interface ClassLogs {
  readonly processId: string
  /** Submits the first command of a class, `class:create`. A resend gives the same outcome. */
  create(classId: string, envelope: Envelope): Promise<Outcome>
  /** Shared by everybody in this process. null: there is no such class (or Redis is away and it is not loaded). */
  follow(classId: string): Promise<FollowedClass | null>
  /** Decided here where this process leads or nobody does; else passed on to the leader. Settles within seconds. */
  submit(classId: string, envelope: Envelope): Promise<Outcome>
  /** Server time, ms: the clock of Redis, the same in every process. */
  now(): number
  /** The classes led by this process, now and from now on: for the director and the reconciler. */
  onLead(listener: (followed: FollowedClass, leading: boolean) => void): () => void
  /** A small bus to all processes, this one included. At most once, in order per sender, never stored. */
  publishToProcesses(topic: string, message: unknown): Promise<void>
  onProcessMessage(topic: string, listener: (message: unknown, from: string) => void): () => void
  status(): LogStatus
  /** Drains: answers what is queued, hands leases over, writes out the scribe. */
  close(): Promise<void>
}

export type Logger = {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

export type ClassLogsDeps = {
  redisUrl: string
  archive: FactArchive
  logger: Logger
  newId: (prefix: string) => string
  /** Default: the rules of `server/classroom`. */
  rules?: Rules
}

/** Resolves when the clock is set, or without Redis after a few seconds: it may come later. */
export declare function createClassLogs(deps: ClassLogsDeps): Promise<ClassLogs>
