import type { Engine } from './engine'
import { parseLadder } from './ladder'

/** LiveKit's layers reach their full size a few seconds after the class has begun. */
const FIRST_MS = 8_000
const EVERY_MS = 30_000
/** Until then a camera's layers still come, one after the other. */
const COMING_MS = 30_000
const EVERY_WHILE_COMING_MS = 5_000
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

  async function ask(engine: Engine, address: string): Promise<void> {
    asking = new AbortController()
    const { signal } = asking
    try {
      const response = await fetch(address, { signal })
      const ladder = response.ok ? parseLadder(await response.text(), response.url) : []
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
      nextAt = at + (at - startedAt < COMING_MS ? EVERY_WHILE_COMING_MS : EVERY_MS)
      void ask(engine, address)
    },
    end: () => asking?.abort(),
  }
}
