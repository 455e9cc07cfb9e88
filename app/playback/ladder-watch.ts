import type { Engine } from './engine'
import { parseLadder } from './ladder'

/** LiveKit's layers reach their full size a few seconds after the class has begun. */
const FIRST_MS = 8_000
const EVERY_MS = 30_000
/** With one picture there is nothing to go down to: its layers may come at any moment. */
const EVERY_WITH_ONE_MS = 5_000
/** A ladder that never settles is not worth an interruption each time. */
const MOST_RESTARTS = 3

export type LadderWatch = {
  look(at: number, engine: Engine, address: string): void
  end(): void
}

/** Players read the list of renditions once; this one looks again. `restart`: the engine has to read it anew. */
export function createLadderWatch(startedAt: number, restart: () => void): LadderWatch {
  let nextAt = startedAt + FIRST_MS
  let restarts = 0
  let asking: AbortController | null = null

  async function ask(at: number, engine: Engine, address: string): Promise<void> {
    asking = new AbortController()
    const { signal } = asking
    try {
      const response = await fetch(address, { signal })
      const ladder = response.ok ? parseLadder(await response.text(), response.url) : []
      if (ladder.filter(({ height }) => height !== null).length === 1) nextAt = at + EVERY_WITH_ONE_MS
      if (signal.aborted || ladder.length === 0 || engine.renew(ladder) || restarts >= MOST_RESTARTS) return
      restarts += 1
      restart()
    } catch {
      // The next look is soon enough: nothing that plays depends on it.
    } finally {
      asking = null
    }
  }

  return {
    look(at, engine, address) {
      if (at < nextAt || asking) return
      nextAt = at + EVERY_MS
      void ask(at, engine, address)
    },
    end: () => asking?.abort(),
  }
}
