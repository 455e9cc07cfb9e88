import { runModel } from '../model/run'
import { report } from './report'

/**
 * The model of tests/model for a long time: random classes on real processes and stores. MODEL_SECONDS for each number
 * of processes, MODEL_SEED and MODEL_PATH to repeat what was found.
 */
const SECONDS = Number(process.env.MODEL_SECONDS ?? 300)
const PROCESSES = (process.env.MODEL_PROCESSES ?? '1,2').split(',').map(Number)
/** Longer than in the tests: what goes wrong between two faults needs both to have happened. */
const STEPS = 25

const seed = Number(process.env.MODEL_SEED ?? Math.floor(Math.random() * 2 ** 31))
const path = process.env.MODEL_PATH
for (const processes of PROCESSES) {
  const limitMs = SECONDS * 1000
  const run = { processes, seed, classes: 10_000, steps: STEPS, limitMs, ...(path && { path }) }
  const { failure, steps, commands, resumes, epochs, byKind } = await runModel(run)
  const bench = `model_${processes}`
  console.error(`${bench}: seed ${seed}, ${JSON.stringify(byKind)}`)
  report({ bench, metric: 'steps', value: steps, unit: 'count' })
  report({ bench, metric: 'commands', value: commands, unit: 'count' })
  report({ bench, metric: 'resumes', value: resumes, unit: 'count' })
  report({ bench, metric: 'epochs', value: epochs, unit: 'count' })
  report({ bench, metric: 'failures', value: failure ? 1 : 0, unit: 'count' })
  if (failure) {
    console.error(failure)
    process.exitCode = 1
  }
}
