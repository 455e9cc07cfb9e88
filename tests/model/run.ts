import fc from 'fast-check'
import { type Action, actions } from './actions'
import { World } from './world'

export type Run = {
  processes: number
  seed: number
  /** Classes, each with up to `steps` steps. */
  classes: number
  steps: number
  /** No class is begun, and no failure shrunk, after this. */
  limitMs: number
  /** Of fast-check: where a failure was found, to repeat it alone. */
  path?: string
}

export type Told = World['done'] & { failure: string | null }

/** Plays random classes on real processes and stores, and judges them after every step. */
export async function runModel({ processes, seed, classes, steps, limitMs, path }: Run): Promise<Told> {
  const world = await World.start(processes)
  try {
    const property = fc.asyncProperty(actions(Math.ceil(steps / 2), steps), (list) => play(world, list))
    const result = await fc.check(property, {
      seed,
      ...(path !== undefined && { path }),
      numRuns: classes,
      interruptAfterTimeLimit: limitMs,
      markInterruptAsFailure: false,
    })
    // Stopped by the limit before the first class was played to its end: nothing was found.
    const stopped = result.failed && result.counterexample === null
    if (!result.failed || stopped) return { ...world.done, failure: null }
    const how = `MODEL_SEED=${seed} MODEL_PATH=${result.counterexamplePath} (${processes} processes)`
    const error = result.errorInstance
    const until = error instanceof BrokenLaw ? result.counterexample?.[0].slice(0, error.step) : []
    const what = until?.map((action) => JSON.stringify(action)).join('\n')
    return { ...world.done, failure: `${how}\n${toWords(error)}\nafter the steps\n${what}` }
  } finally {
    await world.stop()
  }
}

async function play(world: World, list: Action[]): Promise<void> {
  await world.begin()
  for (const [i, action] of list.entries()) {
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
