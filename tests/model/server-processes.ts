import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Environment } from '../../server/config'

/** Longer than sockets and the scribe need to go in order. */
const DRAIN_LIMIT_MS = 15_000

export type RunningServer = { url: string; pid: number; child: ChildProcess; dying: boolean }

/** Server processes on the same stores: started, killed and drained while people are connected. */
export class ServerProcesses {
  readonly running: RunningServer[] = []
  /** What went wrong with a process by itself: it ended though nobody asked, or could not be drained. */
  readonly faults: string[] = []
  readonly #env: Environment

  constructor(env: Environment) {
    this.#env = env
  }

  /** Those that people may connect to. */
  get open(): RunningServer[] {
    return this.running.filter(({ dying }) => !dying)
  }

  async start(): Promise<void> {
    const child = fork(join(import.meta.dirname, 'server-process.ts'), {
      execArgv: ['--import', 'tsx'],
      env: { ...process.env, ...this.#env, NODE_ENV: 'production' },
      stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
    })
    let complaints = ''
    child.stderr?.on('data', (chunk) => {
      complaints = (complaints + chunk).slice(-2000)
    })
    const exited = once(child, 'exit')
    const ready = once(child, 'message') as Promise<[{ port: number }]>
    const first = await Promise.race([ready, exited.then(() => null)])
    if (!first) throw new Error(`a server process could not start:\n${complaints}`)
    const server: RunningServer = {
      url: `http://127.0.0.1:${first[0].port}`,
      pid: child.pid ?? 0,
      child,
      dying: false,
    }
    this.running.push(server)
    void exited.then(([code, signal]) => {
      this.running.splice(this.running.indexOf(server), 1)
      if (!server.dying) this.faults.push(`a server ended with ${code ?? signal}:\n${complaints}`)
    })
  }

  /** As by the kernel: nothing is handed over, nothing written. */
  async kill(server: RunningServer): Promise<void> {
    server.dying = true
    const exited = once(server.child, 'exit')
    server.child.kill('SIGKILL')
    await exited
  }

  async drain(server: RunningServer): Promise<void> {
    server.dying = true
    const exited = once(server.child, 'exit')
    server.child.kill('SIGTERM')
    const timer = setTimeout(() => server.child.kill('SIGKILL'), DRAIN_LIMIT_MS)
    const [code, signal] = await exited
    clearTimeout(timer)
    if (code !== 0) this.faults.push(`a draining server ended with ${code ?? signal}`)
  }

  async stop(): Promise<void> {
    await Promise.all(this.running.map((server) => this.kill(server)))
  }
}
