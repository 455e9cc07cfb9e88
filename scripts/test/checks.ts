import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../stack/paths'
import { parseGoEvents } from './reports'
import { runNodeTool, runTool, type ToolResult } from './run-tool'
import { add, type Stage, toCounts, withExit } from './stage'

const show = (result: ToolResult): ToolResult => {
  if (result.code !== 0) console.log(result.output.trimEnd())
  return result
}

export const types: Stage = {
  name: 'types',
  async run() {
    return toCounts(show(await runNodeTool('typescript/bin/tsc', ['--noEmit'], { quiet: true })).code === 0)
  },
}

export const lint: Stage = {
  name: 'lint',
  async run() {
    return toCounts(
      show(await runNodeTool('@biomejs/biome/bin/biome', ['check', '.'], { quiet: true })).code === 0,
    )
  },
}

const WORKER = join(ROOT, 'egress/worker')

export const worker: Stage = {
  name: 'worker',
  async run(filter) {
    if (!existsSync(WORKER)) return toCounts(false)
    const options = { cwd: WORKER, quiet: true }
    const vet = show(await runTool('go', ['vet', './...'], options))
    const pattern = filter.length > 0 ? ['-run', filter.join('|')] : []
    // half a minute with an empty build cache, a few seconds after that
    const tests = await runTool('go', ['test', '-race', '-json', ...pattern, './...'], options)
    const { output, ...counts } = parseGoEvents(tests.output.split('\n'))
    if (tests.code !== 0) console.log(output || tests.output)
    return add(toCounts(vet.code === 0), withExit(counts, tests.code))
  },
}
