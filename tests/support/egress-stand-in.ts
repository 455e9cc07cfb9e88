import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hasEgressWorker } from '../../scripts/stack/readiness'
import { waitUntil } from '../../scripts/stack/wait-until'
import { buildGo } from '../load/build-go'

const START_TIMEOUT_MS = 15_000

/** How it behaves: see its main.go. */
export type StandInMode = 'write' | 'black' | 'exhausted' | 'refuse' | 'fail' | 'die' | 'silent'
export type StandIn = {
  /** One line for each egress it started. */
  started(): string[]
  /** Dies as by `kill -9`, and what it started with it. */
  kill(): Promise<void>
}

export const buildStandIn = () => buildGo('tests/support/egress-stand-in', 'egress-stand-in')

/** Something that registers with livekit-server as an egress service does; registered when this resolves. */
export async function startStandIn(program: string, redisUrl: string, mode: StandInMode): Promise<StandIn> {
  const dir = await mkdtemp(join(tmpdir(), 'amphi-stand-in-'))
  const child = spawn(program, [], {
    env: { ...process.env, REDIS_URL: redisUrl, MODE: mode, TMPDIR: dir },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  let output = ''
  child.stdout.on('data', (chunk) => {
    output += chunk
  })
  const isReady = async () => output.includes('ready') && (await hasEgressWorker(redisUrl))
  if (!(await waitUntil(isReady, START_TIMEOUT_MS))) {
    child.kill('SIGKILL')
    throw new Error(`the stand-in did not register within ${START_TIMEOUT_MS} ms`)
  }
  return {
    started: () => output.split('\n').filter((line) => line.startsWith('started')),
    async kill() {
      await end(child)
      await rm(dir, { recursive: true, force: true })
    },
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}
