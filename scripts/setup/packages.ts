import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { findProgram } from '../stack/programs'
import { hasProgram, type Machine, run, SetupError } from './machine'
import type { Step } from './step'

/** Something the system must have: how one sees that it is there, Debian's package, and its name elsewhere. */
export type SystemNeed = {
  what: string
  packages: string[]
  isThere(machine: Machine): boolean
}

const program = (name: string, what: string, ...packages: string[]): SystemNeed => ({
  what,
  packages,
  isThere: (machine) => hasProgram(machine, name),
})

export const redis = program('redis-server', 'Redis (redis-server)', 'redis-server')
export const ffmpeg = program('ffmpeg', 'ffmpeg', 'ffmpeg')
/** The page about the API is run as it is written. */
export const curl = program('curl', 'curl', 'curl')
/** The edge that is shipped is tried with both. */
export const nginx = program('nginx', 'nginx', 'nginx')
export const openssl = program('openssl', 'openssl', 'openssl')
export const postgres: SystemNeed = {
  what: 'PostgreSQL (initdb)',
  packages: ['postgresql'],
  isThere: (machine) =>
    hasProgram(machine, 'initdb') || (machine.isDebian && hasEntries('/usr/lib/postgresql')),
}
export const chromium: SystemNeed = {
  what: 'Chromium',
  packages: ['chromium'],
  isThere: (machine) => findChromium(machine.env) !== undefined,
}
/** Without them the pages' text has no width in a bare container, and languages of the classes no letters. */
export const fonts: SystemNeed = {
  what: 'fonts (Liberation, Noto)',
  packages: ['fonts-liberation', 'fonts-noto-core'],
  isThere: (machine) => !machine.isDebian || hasEntries('/usr/share/fonts/truetype/noto'),
}
/** What the worker's C parts are linked with. */
const LIBRARIES = ['opus', 'opusfile', 'libavcodec', 'libavutil']
export const codecs: SystemNeed = {
  what: 'a C compiler, pkg-config and the headers of Opus and ffmpeg (libopus, libopusfile, libavcodec)',
  packages: ['gcc', 'libc6-dev', 'pkg-config', 'libopus-dev', 'libopusfile-dev', 'libavcodec-dev'],
  isThere: (machine) =>
    hasProgram(machine, 'gcc') &&
    spawnSync('pkg-config', ['--exists', ...LIBRARIES], { env: machine.env }).status === 0,
}

/** One installation for all that is missing, as apt takes longer to begin than to go on. */
export function systemPackages(needs: SystemNeed[]): Step {
  const missing = (machine: Machine) => needs.filter((need) => !need.isThere(machine))
  return {
    name: 'System packages',
    doing: 'installing what is missing with apt (about a minute)',
    isDone: (machine) => missing(machine).length === 0,
    async run(machine) {
      const absent = missing(machine)
      const names = absent.map(({ what }) => what).join('; ')
      const packages = absent.flatMap((need) => need.packages)
      if (!machine.isDebian) throw new SetupError(`Missing: ${names}. Install it, and start again.`)
      const command = `apt-get update && apt-get install --no-install-recommends ${packages.join(' ')}`
      if (!machine.isRoot) {
        throw new SetupError(
          `Missing: ${names}. Install it with\n  sudo sh -c '${command}'\nand start again.`,
        )
      }
      await installWithApt(machine, packages, `Install it by hand with\n  ${command}\nand start again.`)
      const stillAbsent = missing(machine).map(({ what }) => what)
      if (stillAbsent.length > 0) {
        throw new SetupError(
          `Installed ${packages.join(' ')}, yet missing on PATH: ${stillAbsent.join('; ')}`,
        )
      }
    },
  }
}

/** Debian starts a service when it installs it, unless this file says 101: Amphi runs processes of its own. */
const POLICY = '/usr/sbin/policy-rc.d'

async function installWithApt(machine: Machine, packages: string[], advice: string): Promise<void> {
  const ours = !existsSync(POLICY)
  if (ours) writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  try {
    const env = { DEBIAN_FRONTEND: 'noninteractive' }
    await run(machine, 'apt-get', ['update', '-qq'], { advice, env })
    await run(machine, 'apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], {
      advice,
      env,
    })
  } finally {
    if (ours) rmSync(POLICY, { force: true })
  }
}

/** The program for browser tests, as a whole path: CHROMIUM names one that is not on PATH. */
export function findChromium(env: NodeJS.ProcessEnv): string | undefined {
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
  return env.CHROMIUM || names.map((name) => findProgram(name, env.PATH)).find((path) => path !== undefined)
}

const hasEntries = (dir: string): boolean => existsSync(dir) && readdirSync(dir).length > 0
