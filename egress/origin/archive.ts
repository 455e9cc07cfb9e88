/** Where the media of classes lie for as long as they are kept: a directory now, an object store for who writes one. */
export type Archive = {
  /** Ids of the classes that have anything here. */
  list(): Promise<string[]>
  /** What a class takes, and when something of it was last added or taken away (server time, ms). */
  measure(classId: string): Promise<{ bytes: number; changedAt: number }>
  /** All of it; what is gone already is no fault. */
  remove(classId: string): Promise<void>
  /** What the disk would still take. */
  findFreeBytes(): Promise<number>
}
