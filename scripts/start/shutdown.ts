/** Often enough that nobody waits, seldom enough that it costs nothing. */
const PARENT_POLL_MS = 1_000

/**
 * Aborted once at Ctrl-C, SIGTERM or SIGHUP, however often they come (npm and the terminal both send them), and when
 * npm, which started this process, is gone.
 */
export function watchShutdown(): AbortSignal {
  const controller = new AbortController()
  const end = () => controller.abort()
  process.on('SIGINT', end).on('SIGTERM', end).on('SIGHUP', end)
  if (process.env.npm_lifecycle_event !== undefined) {
    const parent = process.ppid
    setInterval(() => process.ppid !== parent && end(), PARENT_POLL_MS).unref()
  }
  return controller.signal
}
