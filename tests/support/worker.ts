import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { WORKER_PROGRAM } from '../../scripts/stack/paths'
import { findProgram } from '../../scripts/stack/programs'
import { waitUntil } from '../../scripts/stack/wait-until'
import type { LivekitEndpoint } from '../../server/livekit/endpoint'
import { connectRedis, untilReady } from '../../server/redis/connect'
import { countSubscribers } from '../../server/redis/publish'
import { testLogger } from './class-rig'

const START_TIMEOUT_MS = 15_000
/** Each worker that takes requests listens to it. */
const REQUESTS = 'EgressInternal|StartEgress|REQ'

export type TestWorker = {
  pid: number
  /** Dies as by `kill -9`. */
  kill(): Promise<void>
  stop(): Promise<void>
  /** Stands still as a machine does that is out of memory: says nothing, and comes back. */
  pause(): void
  resume(): void
}

export type WorkerOptions = {
  redisUrl: string
  livekit: LivekitEndpoint
  broadcastDir: string
  /** Gets what it logs. */
  onLog?(line: Record<string, unknown>): void
}

/** The real media worker, registered with livekit-server when this resolves. */
export async function startWorker(options: WorkerOptions): Promise<TestWorker> {
  const { redisUrl, livekit, broadcastDir, onLog } = options
  const level = process.env.TEST_LOG_LEVEL
  const redis = connectRedis(redisUrl, testLogger)
  await untilReady(redis, START_TIMEOUT_MS)
  const countWorkers = async () => (await countSubscribers(redis, [REQUESTS]))[0] ?? 0
  const before = await countWorkers()
  const child = spawn(findProgram('amphi-worker') ?? WORKER_PROGRAM, [], {
    env: {
      ...process.env,
      REDIS_URL: redisUrl,
      LIVEKIT_URL: livekit.url,
      LIVEKIT_API_KEY: livekit.apiKey,
      LIVEKIT_API_SECRET: livekit.apiSecret,
      BROADCAST_DIR: broadcastDir,
      LOG_LEVEL: onLog ? 'info' : (level ?? 'error'),
    },
    stdio: onLog ? ['ignore', 'pipe', 'inherit'] : level ? 'inherit' : 'ignore',
  })
  if (onLog && child.stdout) {
    createInterface({ input: child.stdout }).on('line', (line) => onLog(JSON.parse(line)))
  }
  const failed = once(child, 'error').then(([error]) => {
    throw error
  })
  const ready = waitUntil(async () => (await countWorkers()) > before, START_TIMEOUT_MS)
  if (!(await Promise.race([ready, failed]).finally(() => redis.disconnect()))) {
    child.kill('SIGKILL')
    throw new Error(`the worker did not register within ${START_TIMEOUT_MS} ms`)
  }
  return {
    pid: child.pid ?? 0,
    kill: () => end(child, 'SIGKILL'),
    stop: () => end(child, 'SIGTERM'),
    pause: () => child.kill('SIGSTOP'),
    resume: () => child.kill('SIGCONT'),
  }
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill(signal)
  await once(child, 'exit')
}
