import fc from 'fast-check'
import { type Action, actions } from './actions'
import { World } from './world'

export type Run = {
  processes: number
  seed: number
  /** Classes, each with up to `steps` steps. */
  classes: number
  steps: number
  /** No step is begun after this. */
  limitMs: number
  /** Of fast-check: where a failure was found, to repeat it alone. */
  path?: string
}

export type Told = World['done'] & { failure: string | null }

/** Plays random classes on real processes and stores, each with a seed of its own, and judges them after every step. */
export async function runModel({ processes, seed, classes, steps, limitMs, path }: Run): Promise<Told> {
  const world = await World.start(processes)
  let deadline = performance.now() + limitMs
  let hasFailed = false
  const property = fc.asyncProperty(actions(Math.ceil(steps / 2), steps), async (list) => {
    try {
      await play(world, list, () => performance.now() > deadline)
    } catch (error) {
      // As long again for a smaller example.
      if (!hasFailed) deadline = performance.now() + limitMs
      hasFailed = true
      throw error
    }
  })
  try {
    for (let i = 0; i < classes && performance.now() < deadline; i++) {
      const one = { seed: seed + i, numRuns: 1, ...(path !== undefined && { path }) }
      const result = await fc.check(property, one)
      if (!result.failed) continue
      const how = `MODEL_SEED=${seed + i} MODEL_PATH=${result.counterexamplePath} (${processes} processes)`
      const error = result.errorInstance
      const played = error instanceof BrokenLaw ? result.counterexample?.[0].slice(0, error.step) : []
      const what = played?.map((action) => JSON.stringify(action)).join('\n')
      return { ...world.done, failure: `${how}\n${toWords(error)}\nafter the steps\n${what}` }
    }
    return { ...world.done, failure: null }
  } finally {
    await world.stop()
  }
}

async function play(world: World, list: Action[], isOver: () => boolean): Promise<void> {
  if (isOver()) return
  await world.begin()
  for (const [i, action] of list.entries()) {
    if (isOver() && i > 0) return
    const problems = await world.step(action)
    if (problems.length > 0) throw new BrokenLaw(i + 1, action.kind, problems)
  }
}

class BrokenLaw extends Error {
  constructor(
    readonly step: number,
    kind: string,
    problems: readonly string[],
  ) {
    super(`step ${step} (${kind}):\n${problems.join('\n')}`)
  }
}

function toWords(error: unknown): string {
  if (error instanceof BrokenLaw) return error.message
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
