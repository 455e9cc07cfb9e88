import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { waitUntil } from '../stack/wait-until'
import { type EngineNeighbours, toConfiguration } from './configuration'
import { findDescendants, findOwnProcesses } from './own-processes'

const run = promisify(execFile)
const READY_MS = 30_000
/** It finishes its segments and closes Chrome. */
const STOP_MS = 15_000
/** What its log says when it takes requests. */
const READY = 'service ready'

export type OfficialEngine = {
  /** The service; the handler of each class is its child, and has Chrome and Xvfb for children. */
  pid: number
  /** The sound of all classes goes through it. */
  soundPid: number
  /** All that the service has started and that is its child still: handlers, Chrome, Xvfb. */
  descendants(): number[]
  /** Resolves when the service is gone, for whatever reason. */
  ended: Promise<void>
  /** Lets it finish what it writes, and ends what is left of it. */
  stop(): Promise<void>
}

type Options = EngineNeighbours & {
  /** For its sockets; everything that runs with it is told by this. */
  dir: string
  onLine?(line: string): void
}

/** LiveKit's own Egress with a sound server of its own; takes requests when this resolves. */
export async function startOfficialEngine(options: Options): Promise<OfficialEngine> {
  const { dir, onLine } = options
  await mkdir(dir, { recursive: true, mode: 0o700 })
  const socket = join(dir, 'pulse.sock')
  const server = `unix:${socket}`
  const env = { ...process.env, XDG_RUNTIME_DIR: dir, PULSE_STATE_PATH: dir, PULSE_SERVER: server }
  const pids = () => findOwnProcesses('PULSE_SERVER', server)
  // Of one that was killed here something may still film.
  for (const pid of pids()) endNow(pid)
  const sound = startSound(socket, env)
  const hasSound = async () => Boolean(await run('pactl', ['info'], { env }))
  const body = JSON.stringify(toConfiguration(options))
  // JSON is YAML; by its environment, as arguments are visible to other users.
  const service = spawn('egress', [], {
    env: { ...env, EGRESS_CONFIG_BODY: body },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const ended = Promise.race([once(service, 'exit'), once(service, 'error')]).then(() => {})
  let isReady = false
  for (const stream of [service.stdout, service.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      isReady ||= line.includes(READY)
      onLine?.(line)
    })
  }
  async function stop() {
    // SIGTERM would wait for the classes to end.
    service.kill('SIGINT')
    await waitUntil(async () => isOver(service), STOP_MS)
    for (const pid of pids()) endNow(pid)
    await ended
  }
  const ready = waitUntil(async () => isReady && (await hasSound()), READY_MS)
  if (!(await Promise.race([ready, ended.then(() => false)]))) {
    await stop()
    throw new Error(`the official engine did not take requests within ${READY_MS / 1000} s`)
  }
  const pid = service.pid ?? 0
  return { pid, soundPid: sound.pid ?? 0, descendants: () => findDescendants(pid), ended, stop }
}

function startSound(socket: string, env: NodeJS.ProcessEnv): ChildProcess {
  const module = `module-native-protocol-unix socket=${socket} auth-anonymous=1`
  const args = ['--daemonize=no', '--exit-idle-time=-1', '-n', '-L', module]
  return spawn('pulseaudio', args, { env, stdio: 'ignore', detached: true })
}

const isOver = ({ exitCode, signalCode }: ChildProcess) => exitCode !== null || signalCode !== null

function endNow(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It was quicker.
  }
}
