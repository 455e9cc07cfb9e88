// node scripts/bootstrap.mjs COMMAND [ARGUMENT...]
// Runs before any package is there, so it knows Node's own modules only: checks Node, reads .env, installs the
// packages of the lock file, then goes on as scripts/COMMAND.ts in the same process, which gets all signals itself.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseEnvFile } from './env-file.mjs'

const OLDEST_NODE = 20

const root = fileURLToPath(new URL('..', import.meta.url))
process.chdir(root)

const [command = ''] = process.argv.splice(2, 1)
if (!/^[a-z]+$/.test(command) || !existsSync(`scripts/${command}.ts`)) {
  fail(`There is no command "${command}" (scripts/${command}.ts).`)
}

if (Number(process.versions.node.split('.')[0]) < OLDEST_NODE) {
  fail(`Amphi needs Node ${OLDEST_NODE} or newer; this is ${process.version}. See https://nodejs.org/`)
}

if (existsSync('.env')) {
  for (const [name, value] of Object.entries(parseEnvFile(readFileSync('.env', 'utf8')))) {
    process.env[name] ??= value
  }
}

installPackages()
// under the same process id, so that Ctrl-C and `kill` meet the supervisor and nobody in between
process.argv[1] = `${root}scripts/${command}.ts`
const { register } = await import('tsx/esm/api')
register()
await import(`./${command}.ts`)

function installPackages() {
  const stamp = 'node_modules/.amphi-lock-hash'
  const hash = createHash('sha256').update(readFileSync('package-lock.json')).digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return
  // by somebody's own `npm install`
  if (isInstalled()) return writeFileSync(stamp, hash)
  console.log('Packages: installing them with npm ci (about half a minute) ...')
  const startedAt = performance.now()
  const result = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    // the build needs the development packages too
    env: { ...process.env, NODE_ENV: 'development', npm_config_omit_lockfile_registry_resolved: 'true' },
  })
  if (result.status !== 0) {
    const output = `${result.stdout ?? ''}${result.stderr ?? ''}${result.error?.message ?? ''}`
    console.error(output.trimEnd().split('\n').slice(-20).join('\n'))
    fail(
      'npm ci failed. If packages could not be downloaded, check the network and `npm config get registry`.',
    )
  }
  writeFileSync(stamp, hash)
  console.log(`Packages: done in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`)
}

/** npm's own record of what it installed names the same versions as the lock file. */
function isInstalled() {
  const record = 'node_modules/.package-lock.json'
  if (!existsSync(record)) return false
  const wanted = versions('package-lock.json')
  const found = versions(record)
  return Object.entries(wanted).every(
    ([path, { version, optional }]) => optional || found[path]?.version === version,
  )
}

/** @param {string} path @returns {Record<string, {version?: string, optional?: boolean}>} */
function versions(path) {
  const { '': _root, ...packages } = JSON.parse(readFileSync(path, 'utf8')).packages
  return packages
}

/** @param {string} message @returns {never} */
function fail(message) {
  console.error(message)
  process.exit(1)
}
