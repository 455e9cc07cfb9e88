/** About 5 ms of handshakes; pings, commands and facts come between. */
const TURNS_A_ROUND = 20
/** Shorter than anybody notices. */
const SLICE_MS = 10

/**
 * Lets so many through in each round of the event loop, in the order in which they came: ten thousand who come at once
 * do not stop it for seconds.
 */
export function createTurnstile(): (work: () => void) => void {
  const waiting: (() => void)[] = []
  let running = false
  function run() {
    for (const work of waiting.splice(0, TURNS_A_ROUND)) work()
    running = waiting.length > 0
    if (running) setImmediate(run)
  }
  return (work) => {
    waiting.push(work)
    if (running) return
    running = true
    setImmediate(run)
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
