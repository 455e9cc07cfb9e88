import { parseConfig } from '../server/config'
import { SetupError } from './setup/machine'
import { setUp } from './setup/setup'
import { lint, types, worker } from './test/checks'
import { add, type Counts } from './test/stage'
import { browser, integration, unit } from './test/suites'

const stages = [types, lint, worker, unit, integration, browser]

const [wanted, ...filter] = process.argv.slice(2)
const chosen = wanted === undefined ? stages : stages.filter(({ name }) => name === wanted)
if (chosen.length === 0) {
  console.error(`There is no stage "${wanted}". Stages: ${stages.map(({ name }) => name).join(', ')}`)
  process.exit(1)
}

let total: Counts = { passed: 0, failed: 0 }
try {
  await setUp('test', parseConfig({}), (line) => console.log(line))
  for (const stage of chosen) {
    const startedAt = performance.now()
    const counts = await stage.run(filter)
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
    console.log(`${stage.name}: ${counts.passed} passed, ${counts.failed} failed (${seconds} s)`)
    total = add(total, counts)
  }
} catch (error) {
  console.error(error instanceof SetupError ? error.message : error)
  total = { ...total, failed: total.failed + 1 }
}
console.log(`${total.passed} passed, ${total.failed} failed`)
process.exit(total.failed > 0 || total.passed === 0 ? 1 : 0)
