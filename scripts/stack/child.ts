import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Environment } from '../../server/config'
import type { Leash } from './leash'
import { openLogFile } from './log-file'
import { waitUntil } from './wait-until'

/** A part that takes longer is stuck: the slowest, PGlite on a fresh directory and a very busy machine, took 60 s. */
const READY_TIMEOUT_MS = 150_000
/** Sockets are drained and PGlite closes its files within seconds; whoever needs longer is ended. */
const STOP_GRACE_MS = 8_000
/** Time for the first signal to be seen as one of two. */
const INSIST_AFTER_MS = 100
/** The first restart is quick, as most deaths are single; a part that dies again and again must not eat the machine. */
const FIRST_BACKOFF_MS = 500
const LONGEST_BACKOFF_MS = 10_000

export type ChildSpec = {
  name: string
  command: string
  args: string[]
  env: Environment
  cwd: string
  logPath: string
  isReady(): Promise<boolean>
  /** Its first SIGTERM only asks for patience (LiveKit then waits for everyone to leave); it gets a second one. */
  insist?: boolean
  onLine?(line: string): void
  /** Told about deaths and restarts. */
  onEvent?(message: string): void
}

export type Child = {
  name: string
  /** Undefined while it does not run. */
  readonly pid: number | undefined
  readonly restarts: number
  readonly logPath: string
  /** Resolves when ready; rejects with its last log lines if it exits or takes too long before that. */
  start(): Promise<void>
  /** Resolves when the running process, or the one after it, answers. */
  waitUntilReady(): Promise<void>
  kill(signal: NodeJS.Signals): void
  stop(): Promise<void>
  restart(): Promise<void>
}

type State = 'idle' | 'starting' | 'ready' | 'stopped' | 'over'

/** A process that is restarted when it dies after having been ready, until `stop`. */
export function createChild(spec: ChildSpec, leash: Leash): Child {
  const log = openLogFile(spec.logPath, (line) => spec.onLine?.(line))
  let state: State = 'idle'
  let process_: ChildProcess | undefined
  let exited: Promise<unknown> = Promise.resolve()
  let restarts = 0
  let backoffMs = FIRST_BACKOFF_MS
  let backoffTimer: NodeJS.Timeout | undefined

  const launch = () => {
    // a group of its own: Ctrl-C reaches the supervisor only, which ends its children in order
    const child = spawn(spec.command, spec.args, {
      cwd: spec.cwd,
      env: spec.env as NodeJS.ProcessEnv,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    process_ = child
    log.read(child.stdout)
    log.read(child.stderr)
    if (child.pid !== undefined) leash.hold(child.pid)
    const launchedAt = performance.now()
    let spawnError: Error | undefined
    child.on('error', (error) => {
      spawnError = error
    })
    const closed = once(child, 'close').catch(() => {})
    exited = once(child, 'exit')
      .catch(() => {})
      .then(async () => {
        const { pid, exitCode, signalCode } = child
        if (pid !== undefined) {
          endGroup(pid, 'SIGKILL')
          leash.release(pid)
          await closed // its last words are in the log
        }
        process_ = undefined
        if (state === 'ready') relaunchLater(performance.now() - launchedAt, signalCode ?? `code ${exitCode}`)
        return spawnError
      })
  }

  const relaunchLater = (livedMs: number, how: string) => {
    if (livedMs > LONGEST_BACKOFF_MS) backoffMs = FIRST_BACKOFF_MS
    spec.onEvent?.(`${spec.name} ended (${how}); starting it again in ${backoffMs / 1000} s`)
    backoffTimer = setTimeout(() => {
      restarts++
      launch()
    }, backoffMs)
    backoffMs = Math.min(backoffMs * 2, LONGEST_BACKOFF_MS)
  }

  const failure = (what: string) =>
    new Error(
      `${spec.name} ${what}. The end of its log (${spec.logPath}):\n${log
        .lastLines()
        .map((line) => `  ${line}`)
        .join('\n')}`,
    )

  const isStarting = () => state === 'starting' // it may have been stopped meanwhile

  const start = async () => {
    if (state === 'over') throw new Error(`${spec.name} was stopped while the stack was starting`)
    state = 'starting'
    launch()
    const abandoned = new AbortController()
    const ended = exited.then((error) => {
      abandoned.abort()
      throw failure(
        error instanceof Error ? `could not be started: ${error.message}` : 'ended before it was ready',
      )
    })
    const ready = waitUntil(spec.isReady, READY_TIMEOUT_MS, abandoned.signal)
    const isReady = await Promise.race([ready, ended])
    ended.catch(() => {})
    if (!isReady) {
      await stop()
      throw failure(`was not ready within ${READY_TIMEOUT_MS / 1000} s`)
    }
    if (isStarting()) state = 'ready'
  }

  const stop = async () => {
    state = 'stopped'
    clearTimeout(backoffTimer)
    const pid = process_?.pid
    if (pid !== undefined) {
      process_?.kill('SIGTERM')
      if (spec.insist) setTimeout(() => process_?.kill('SIGTERM'), INSIST_AFTER_MS)
      const timer = setTimeout(() => endGroup(pid, 'SIGKILL'), STOP_GRACE_MS)
      await exited
      clearTimeout(timer)
    }
  }

  return {
    name: spec.name,
    logPath: spec.logPath,
    get pid() {
      return process_?.pid
    },
    get restarts() {
      return restarts
    },
    start,
    async waitUntilReady() {
      const isReady = () => (process_ === undefined ? Promise.resolve(false) : spec.isReady())
      if (!(await waitUntil(isReady, READY_TIMEOUT_MS))) {
        throw failure(`was not ready within ${READY_TIMEOUT_MS / 1000} s`)
      }
    },
    kill(signal) {
      process_?.kill(signal)
    },
    async stop() {
      const stopped = stop()
      state = 'over'
      await stopped
      log.close()
    },
    async restart() {
      await stop()
      await start()
    },
  }
}

/** The whole group, so that what a child started (ffmpeg) goes with it. */
function endGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal)
  } catch {
    // nobody is left in the group
  }
}
