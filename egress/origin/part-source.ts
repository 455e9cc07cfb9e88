/** Where a run's journal and bytes come from: a directory now, a push over HTTP when worker and origin part. */
export type PartSource = {
  /** Its parts are whole segments: nothing of low latency is announced. */
  readonly partless?: boolean
  /** Follows a run from its beginning; the run need not exist yet. */
  follow(classId: string, runId: string, reader: JournalReader): Following
  /** Exactly `size` bytes from `offset` of a file of the run. Throws `MissingBytes` if they are not there. */
  read(classId: string, runId: string, file: string, offset: number, size: number): Promise<Buffer>
  /** Names of the files that the run has now; none if there is no such run. */
  list(classId: string, runId: string): Promise<ReadonlySet<string>>
  /** Throws if the source cannot be reached at all. */
  check(): Promise<void>
}

export type JournalReader = {
  /** Complete lines in their order. `false`: a line is wrong; nothing after it shall be read. */
  onLines(lines: string[]): boolean
  onProblem(problem: unknown): void
}

export type Following = {
  /** Resolves when all that was written before the call has been handed over. */
  catchUp(): Promise<void>
  close(): void
}

/** The journal speaks of bytes that are not there: deleted, or lost by the disk. */
export class MissingBytes extends Error {}
