/** A deadline that is still due after it was fired is not fired in a tight loop. */
const AGAIN_MS = 250
/** setTimeout takes no more than 2^31 ms, and clocks are adjusted: look again after a minute. */
const LONGEST_MS = 60_000

/** Fires when the class's next deadline has passed. `reset` after every change of the state. */
export function createDeadlineTimer(deps: {
  next(): number | null
  now(): number
  fire(): Promise<unknown>
}): {
  reset(): void
  stop(): void
} {
  let timer: NodeJS.Timeout | null = null
  let armedFor: number | null = null
  let stopped = false

  function arm(leastMs: number) {
    const next = stopped ? null : deps.next()
    if (next === armedFor && timer) return
    if (timer) clearTimeout(timer)
    timer = null
    armedFor = next
    if (next === null) return
    const waitMs = Math.min(Math.max(next - deps.now(), leastMs), LONGEST_MS)
    timer = setTimeout(ring, waitMs)
    timer.unref()
  }

  async function ring() {
    timer = null
    if (armedFor !== null && armedFor <= deps.now()) await deps.fire().catch(() => {})
    arm(AGAIN_MS)
  }

  return {
    reset: () => arm(0),
    stop() {
      stopped = true
      if (timer) clearTimeout(timer)
    },
  }
}
