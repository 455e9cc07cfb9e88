import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { BIN_DIR, LIVEKIT_PROGRAM, ROOT, WORKER_PROGRAM } from '../stack/paths'
import { fingerprint, isStamped, stamp } from './fingerprint'
import { hasProgram, type Machine, run, SetupError } from './machine'
import type { Step } from './step'

const LIVEKIT_VERSION = 'v1.13.5'
const LIVEKIT_MODULE = `github.com/livekit/livekit-server/cmd/server@${LIVEKIT_VERSION}`
/** What livekit-server and the worker's modules ask for in their go.mod. */
const GO_MAJOR = 1
const GO_MINOR = 26

const ADVICE =
  'If modules could not be downloaded, check the network and GOPROXY; nothing is lost by starting again.'

/** livekit-server from its source, as LiveKit publishes it as a Go module. */
export const livekitServer: Step = {
  name: 'livekit-server',
  doing: `building ${LIVEKIT_VERSION} from source (about two minutes, once)`,
  isDone: (machine) =>
    hasProgram(machine, 'livekit-server') ||
    (existsSync(LIVEKIT_PROGRAM) && isStamped(`${LIVEKIT_PROGRAM}.version`, LIVEKIT_VERSION)),
  async run(machine) {
    requireGo(machine, 'livekit-server, or put a livekit-server on PATH, or set LIVEKIT_URL')
    const dir = join(BIN_DIR, `install-${process.pid}`)
    await mkdir(dir, { recursive: true })
    try {
      await run(machine, 'go', ['install', LIVEKIT_MODULE], { advice: ADVICE, env: { GOBIN: dir } })
      // the module's main package is in a folder of the name "server"
      await rename(join(dir, 'server'), LIVEKIT_PROGRAM)
    } finally {
      await rm(dir, { recursive: true, force: true })
    }
    stamp(`${LIVEKIT_PROGRAM}.version`, LIVEKIT_VERSION)
  },
}

const WORKER_DIR = 'egress/worker'
const workerStamp = `${WORKER_PROGRAM}.sources`
const workerSources = () => fingerprint([WORKER_DIR], (path) => !path.endsWith('_test.go'))

/** The broadcast's worker, built anew whenever its sources change. */
export const worker: Step = {
  name: 'Worker',
  doing: 'building the broadcast worker (a minute the first time)',
  isDone: () => existsSync(WORKER_PROGRAM) && isStamped(workerStamp, workerSources()),
  async run(machine) {
    requireGo(machine, 'the broadcast worker, or set BROADCAST_ENGINE=livekit-egress')
    const sources = workerSources()
    await mkdir(BIN_DIR, { recursive: true })
    await run(machine, 'go', ['build', '-o', WORKER_PROGRAM, '.'], {
      cwd: join(ROOT, WORKER_DIR),
      advice: ADVICE,
    })
    stamp(workerStamp, sources)
  },
}

function requireGo(machine: Machine, forWhat: string): void {
  const result = spawnSync('go', ['version'], { env: machine.env, encoding: 'utf8' })
  const found = /go(\d+)\.(\d+)\S*/.exec(result.stdout ?? '')
  const needed = `Go ${GO_MAJOR}.${GO_MINOR} or newer is needed to build ${forWhat}.`
  const advice = 'Install it from https://go.dev/dl/, put its bin directory on PATH, and start again.'
  if (!found) throw new SetupError(`${needed} There is no go on PATH. ${advice}`)
  const [major, minor] = [Number(found[1]), Number(found[2])]
  if (major < GO_MAJOR || (major === GO_MAJOR && minor < GO_MINOR)) {
    throw new SetupError(`${needed} The go on PATH is ${found[0]}. ${advice}`)
  }
}
