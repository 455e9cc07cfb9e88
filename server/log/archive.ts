import type { Fact } from '../classroom/facts'
import type { ClassState } from '../classroom/state'
import type { Erasures } from './erasures'
import type { Head } from './head'

/** An epoch begins where another history was left: up to and with fact `seq` of `epoch`. */
export type Continued = { epoch: number; seq: number }

export type Checkpoint = {
  /** Of the state's shape: a process uses no checkpoint of another version. */
  version: number
  head: Head
  state: ClassState
  /** Only in the checkpoint that begins an epoch. */
  continues?: Continued
}

/** A piece of one class's history, all of one epoch. */
export type ArchiveBatch = {
  classId: string
  /** What the archive must stand at: otherwise another process has written, and nothing is. */
  after: Head
  head: Head
  facts: readonly Fact[]
  /**
   * What the query tables are brought to: a state at or after `head`. `from` is the state they were brought to last,
   * where that is known; without it every row is written.
   */
  tables: { from: ClassState | null; to: ClassState }
}

/** The durable copy of all logs, and the tables people query. Implemented by `db/`; fed by the scribe. */
export interface FactArchive {
  /** Up to where the class is archived; null: the archive has never heard of it. */
  findPosition(classId: string): Promise<Head | null>
  /** Facts and query tables in one transaction, exactly once. False: the archive did not stand at `after`. */
  appendFacts(batch: ArchiveBatch): Promise<boolean>
  /**
   * With `continues`, also moves the position there and sets the query tables right by the state. `stateText`: the
   * state as JSON, for who has written it already.
   */
  saveCheckpoint(classId: string, checkpoint: Checkpoint, stateText?: string): Promise<void>
  /** The newest of this version. */
  loadCheckpoint(classId: string, version: number): Promise<Checkpoint | null>
  /** In order; as they were written, for `upcast`. */
  loadFacts(classId: string, epoch: number, afterSeq: number, limit: number): Promise<StoredFact[]>
  /** Beginnings of epochs, oldest first: the way to replay a class from its first fact. */
  loadEpochs(classId: string): Promise<{ head: Head; continues: Continued }[]>
  /** The class is over and archived up to `head`: from now on Redis may forget it. False: it stands elsewhere. */
  settle(classId: string, head: Head): Promise<boolean>
  /** Settled, and nothing has happened since: what Redis does not have of it is not lost. */
  isSettled(classId: string): Promise<boolean>
  readonly erasures: Erasures
}

export type StoredFact = { type: string; v: number; seq: number }
