import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../stack/paths'
import { fingerprint, isStamped, stamp } from './fingerprint'
import { run } from './machine'
import type { Step } from './step'

/** All that ends up in the browser or in the server's rendering of pages. */
const SOURCES = [
  'app',
  'public',
  'server/classroom',
  'server/protocol',
  'vite.config.ts',
  'remix.config.js',
  'tsconfig.json',
  'package-lock.json',
]
const SERVER_BUILD = join(ROOT, 'build/server/index.js')
/** Inside `build`, so that whoever deletes that deletes this. */
const STAMP = join(ROOT, 'build/.sources')

const sources = () => fingerprint(SOURCES, (path) => !/\.test\.tsx?$/.test(path))

/** The pages: Remix's production build, made anew whenever their sources change. */
export const pages: Step = {
  name: 'Pages',
  doing: 'building them (about ten seconds)',
  isDone: () => existsSync(SERVER_BUILD) && isStamped(STAMP, sources()),
  async run(machine) {
    const made = sources()
    await run(
      machine,
      process.execPath,
      [join(ROOT, 'node_modules/@remix-run/dev/dist/cli.js'), 'vite:build'],
      {
        cwd: ROOT,
        env: { NODE_ENV: 'production' },
        advice: 'The sources of the pages do not build: `npm run typecheck` may say more.',
      },
    )
    stamp(STAMP, made)
  },
}
