/** A command was called wrongly; the usage follows its message. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
