/** What a stage found. A stage that could not run has one failure. */
export type Counts = { passed: number; failed: number }

export type Stage = {
  name: string
  /** `filter` is what a person wrote after the stage's name; stages without tests of their own ignore it. */
  run(filter: string[]): Promise<Counts>
}

export const add = (a: Counts, b: Counts): Counts => ({
  passed: a.passed + b.passed,
  failed: a.failed + b.failed,
})

/** A check that is one: either it holds or not. */
export const toCounts = (holds: boolean): Counts =>
  holds ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 }

/** A process that ends badly although its report names no failure (an unhandled error) is a failure all the same. */
export const withExit = (counts: Counts, code: number): Counts =>
  code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts
