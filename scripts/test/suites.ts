import { mkdir, readFile, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { findChromium } from '../setup/packages'
import { ROOT } from '../stack/paths'
import { parsePlaywrightReport, parseVitestReport } from './reports'
import { runNodeTool } from './run-tool'
import { type Counts, type Stage, toCounts, withExit } from './stage'

const reportPath = (name: string) => join(ROOT, '.cache/test', `${name}.json`)

const vitest = (name: string): Stage => ({
  name,
  async run(filter) {
    const path = await clear(reportPath(name))
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${path}`]
    const args = ['run', '--project', name, '--passWithNoTests', ...reporters, ...filter]
    const { code } = await runNodeTool('vitest/vitest.mjs', args)
    return withExit(await readCounts(path, parseVitestReport), code)
  },
})

export const unit = vitest('unit')
export const integration = vitest('integration')

export const browser: Stage = {
  name: 'e2e',
  async run(filter) {
    const path = await clear(reportPath('e2e'))
    const { code } = await runNodeTool(
      '@playwright/test/cli.js',
      ['test', '--pass-with-no-tests', '--reporter=list,json', ...filter],
      { env: { PLAYWRIGHT_JSON_OUTPUT_NAME: path, CHROMIUM: findChromium(process.env) } },
    )
    return withExit(await readCounts(path, parsePlaywrightReport), code)
  },
}

/** An old report must never be taken for a new one. */
async function clear(path: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true })
  await rm(path, { force: true })
  return path
}

async function readCounts(path: string, parse: (text: string) => Counts): Promise<Counts> {
  const text = await readFile(path, 'utf8').catch(() => undefined)
  if (text === undefined) console.log(`There is no report at ${path}: the tests did not run to their end.`)
  return text === undefined ? toCounts(false) : parse(text)
}
