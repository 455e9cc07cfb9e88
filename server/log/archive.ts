import type { Fact } from '../classroom/facts'
import type { ClassState } from '../classroom/state'
import type { Head } from './head'

/** `version`: of the state's shape; a process uses no checkpoint of another version. */
export type Checkpoint = {
  version: number
  head: Head
  state: ClassState
  /** Where the epoch of `head` left the history before it; only in the checkpoint that begins an epoch. */
  continues?: { epoch: number; seq: number }
}

/** A piece of one class's history, all of one epoch. */
export type ArchiveBatch = {
  classId: string
  /** What the archive must stand at: otherwise another process has written, and nothing is. */
  after: Head
  head: Head
  facts: readonly Fact[]
}

/** The durable copy of all logs, and the tables people query. Implemented by `db/`; fed by the scribe. */
export interface FactArchive {
  /** Up to where the class is archived; null: the archive has never heard of it. */
  findPosition(classId: string): Promise<Head | null>
  /** Facts and query tables in one transaction, exactly once. False: the archive did not stand at `after`. */
  appendFacts(batch: ArchiveBatch): Promise<boolean>
  /** With `continues`, also moves the position to the checkpoint and sets the query tables right by its state. */
  saveCheckpoint(classId: string, checkpoint: Checkpoint): Promise<void>
  /** The newest of this version. */
  loadCheckpoint(classId: string, version: number): Promise<Checkpoint | null>
  /** In order; the facts as they were written, for `upcast`. */
  loadFacts(classId: string, epoch: number, afterSeq: number, limit: number): Promise<unknown[]>
  /** Beginnings of epochs, oldest first: the way to replay a class from its first fact. */
  loadEpochs(classId: string): Promise<{ head: Head; continues: { epoch: number; seq: number } }[]>
}
