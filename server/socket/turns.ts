/** Shorter than anybody notices, and a third of what is left of a tenth of a second beside facts and reading. */
const SLICE_MS = 20
/** More than fit into a slice. */
const TURNS_A_ROUND = 200

/** Runs what it is given later, in order, for no longer than a slice in each round of the event loop. */
export type Turnstile = (work: () => void) => void

/** Ten thousand who come at once do not stop the event loop for seconds: pings, commands and facts go between them. */
export function createTurnstile(now: () => number = () => performance.now()): Turnstile {
  const waiting: (() => void)[] = []
  let running = false
  let until = 0

  function begin() {
    // The slice begins with the first turn: others' slices may come before it.
    until = Number.POSITIVE_INFINITY
    // What one turn leaves to promises is done before the next begins, and counts.
    for (let i = Math.min(waiting.length, TURNS_A_ROUND); i > 0; i--) setImmediate(take)
    setImmediate(end)
  }
  function take() {
    const at = now()
    if (until === Number.POSITIVE_INFINITY) until = at + SLICE_MS
    if (at < until) waiting.shift()?.()
  }
  function end() {
    if (waiting.length > 0) begin()
    else running = false
  }
  return (work) => {
    waiting.push(work)
    if (running) return
    running = true
    setImmediate(begin)
  }
}

/** For one who has many small things to do: whether it is time to give way, and the way to do it. */
export type Slices = { isOver(): boolean; giveWay(): Promise<void> }

export function createSlices(now: () => number = () => performance.now()): Slices {
  let until = now() + SLICE_MS
  return {
    isOver: () => now() >= until,
    giveWay: () =>
      new Promise((resolve) => {
        setImmediate(() => {
          until = now() + SLICE_MS
          resolve()
        })
      }),
  }
}
