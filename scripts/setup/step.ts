import { type Machine, SetupError } from './machine'

export type Step = {
  /** What it provides, as in "livekit-server". */
  name: string
  /** What the operator sees while it runs, with the time it takes if that is long. */
  doing: string
  isDone(machine: Machine): Promise<boolean> | boolean
  run(machine: Machine): Promise<void>
}

/** Runs what is not done, one after the other. Throws SetupError at the first that fails, naming it. */
export async function runSteps(
  steps: Step[],
  machine: Machine,
  report: (line: string) => void,
): Promise<void> {
  for (const step of steps) {
    if (await step.isDone(machine)) continue
    report(`${step.name}: ${step.doing} ...`)
    const startedAt = performance.now()
    try {
      await step.run(machine)
    } catch (error) {
      if (!(error instanceof SetupError)) throw error
      throw new SetupError(`Setup stopped at ${step.name}.\n${error.message}`)
    }
    report(`${step.name}: done in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`)
  }
}
