import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseConfig } from '../server/config'
import { SetupError } from './setup/machine'
import { setUp } from './setup/setup'
import { ROOT } from './stack/paths'
import { runTool } from './test/run-tool'

const DIR = join(ROOT, 'tests/bench')

/** A bench is a program; a file that exports something is a part of benches. */
const benches = readdirSync(DIR)
  .filter((file) => file.endsWith('.ts') && !/^export /m.test(readFileSync(join(DIR, file), 'utf8')))
  .map((file) => file.slice(0, -'.ts'.length))
  .sort()

const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !benches.includes(name))
if (unknown.length > 0) {
  console.error(`There is no bench ${unknown.join(', ')}. Benches: ${benches.join(', ')}`)
  process.exit(1)
}

try {
  // standard output has the benches' JSON lines only
  await setUp('test', parseConfig({}), (line) => console.error(line))
} catch (error) {
  console.error(error instanceof SetupError ? error.message : error)
  process.exit(1)
}
let failed = false
for (const name of wanted.length > 0 ? wanted : benches) {
  console.error(`${name} ...`)
  const { code } = await runTool(process.execPath, ['--import', 'tsx', join(DIR, `${name}.ts`)])
  if (code !== 0) console.error(`${name} failed (${code})`)
  failed ||= code !== 0
}
process.exit(failed ? 1 : 0)
