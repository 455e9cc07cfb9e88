/** Looks again and again, one look at a time, as early as anybody asked for. */
export type Loop = {
  /** Look in at most so many ms; asked while a look is under way, it counts after that. */
  lookIn(delayMs: number): void
  stop(): void
}

/** `look` says in how many ms to look again, null: only when asked. It must not reject. */
export function createLoop(look: () => Promise<number | null>): Loop {
  let timer: { handle: NodeJS.Timeout; dueAt: number } | undefined
  let looking = false
  let askedMs: number | null = null
  let stopped = false

  function lookIn(delayMs: number): void {
    if (stopped) return
    if (looking) {
      askedMs = Math.min(askedMs ?? delayMs, delayMs)
      return
    }
    const dueAt = performance.now() + delayMs
    if (timer && timer.dueAt <= dueAt) return
    clearTimeout(timer?.handle)
    timer = { handle: setTimeout(run, delayMs), dueAt }
  }

  async function run(): Promise<void> {
    timer = undefined
    looking = true
    const nextMs = await look()
    looking = false
    const asked = askedMs
    askedMs = null
    if (asked !== null) lookIn(asked)
    if (nextMs !== null) lookIn(nextMs)
  }

  return {
    lookIn,
    stop() {
      stopped = true
      clearTimeout(timer?.handle)
    },
  }
}
