import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { buildGo } from './build-go'

export type Kind = 'gateway' | 'socket.io' | 'centrifuge'

export type Opened = {
  seconds: number
  ready: number
  failed: Record<string, number>
  late: number
  p50: number
  p99: number
  cpuSeconds: number
}
export type Measured = {
  sent: number
  readers: number
  delivered: number
  /** Established connections that ended, and commands refused, by reason; of the whole run. */
  lost: Record<string, number>
  /** Of one message. */
  bytes: number
  p50: number
  p95: number
  p99: number
  max: number
  cpuSeconds: number
}
export type Settled = {
  ready: number
  settled: number
  resumed: number
  snapshots: number
  holes: number
  repeats: number
}

export type Opening = {
  kind: Kind
  port: number
  path: string
  count: number
  authFile?: string
  from?: number
  resume?: boolean
  atOnce?: number
}

/** As many openings at any moment as the queue of a listening socket holds by default (Node, `backlog`). */
const AT_ONCE = 500

/** The client of `tests/load/client`: one thread with epoll, so that it has the other core, and room on it. */
export type LoadClient = {
  connect(opening: Opening): Promise<Opened>
  cut(from: number): Promise<{ cut: number }>
  /** `perSecond` of them until `hush`, or one at each of `atMs`, from now on. */
  send(
    sending: { message: string; senders: number } & ({ perSecond: number } | { atMs: readonly number[] }),
  ): Promise<unknown>
  hush(): Promise<unknown>
  /** Ages of the stamped messages of these seconds, at whoever reads. */
  measure(seconds: number): Promise<Measured>
  /** Waits until all are at the same fact. */
  settle(seconds: number): Promise<Settled>
  stop(): Promise<void>
}

export async function startLoadClient(): Promise<LoadClient> {
  const child = spawn(await buildGo('tests/load/client', 'amphi-load'), [], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface(child.stdout)
  const ended = once(child, 'exit').then(([code, signal]) => {
    throw new Error(`the load client ended with ${code ?? signal}`)
  })
  ended.catch(() => {})
  async function order<Answer>(fields: object): Promise<Answer> {
    child.stdin.write(`${JSON.stringify(fields)}\n`)
    const [line] = (await Promise.race([once(lines, 'line'), ended])) as [string]
    const answer = JSON.parse(line) as Answer & { error?: string }
    if (answer.error) throw new Error(`the load client: ${answer.error}`)
    return answer
  }
  return {
    connect: (opening) => order({ do: 'connect', atOnce: AT_ONCE, ...opening }),
    cut: (from) => order({ do: 'cut', from }),
    send: (sending) => order({ do: 'send', ...sending }),
    hush: () => order({ do: 'hush' }),
    measure: (seconds) => order({ do: 'measure', seconds }),
    settle: (seconds) => order({ do: 'settle', seconds }),
    async stop() {
      child.stdin.end()
      await ended.catch(() => {})
    },
  }
}
