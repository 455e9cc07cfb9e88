import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Redis from 'ioredis'
import { findFreePort } from '../../scripts/stack/ports'
import { waitUntil } from '../../scripts/stack/wait-until'

const START_TIMEOUT_MS = 10_000

export type TestRedis = {
  url: string
  port: number
  pid: number
  /** Dies as by `kill -9`; what was not yet written is lost. */
  kill(): Promise<void>
  /** On the same port, with what `args` had it write. Its `pid` is another. */
  restart(): Promise<void>
  stop(): Promise<void>
}

/** A throwaway redis-server on a port of its own, empty, without persistence unless `args` ask for it. */
export async function startRedis(args: string[] = ['--save', '', '--appendonly', 'no']): Promise<TestRedis> {
  const dir = await mkdtemp(join(tmpdir(), 'amphi-redis-'))
  const port = await findFreePort()
  const launch = async () => {
    const server = spawn(
      'redis-server',
      ['--port', String(port), '--bind', '127.0.0.1', '--dir', dir, '--loglevel', 'warning', ...args],
      { stdio: 'ignore' },
    )
    const failed = once(server, 'error').then(([error]) => {
      throw error
    })
    const ready = waitUntil(() => answersPing(port), START_TIMEOUT_MS)
    if (!(await Promise.race([ready, failed])) || server.pid === undefined) {
      server.kill('SIGKILL')
      throw new Error(`redis-server did not answer on port ${port} within ${START_TIMEOUT_MS} ms`)
    }
    return server
  }
  let child = await launch()
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill(signal)
      await once(child, 'exit')
    }
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    pid: child.pid ?? 0,
    kill: () => end('SIGKILL'),
    async restart() {
      await end('SIGKILL')
      child = await launch()
    },
    async stop() {
      await end('SIGTERM')
      await rm(dir, { recursive: true, force: true })
    },
  }
}

async function answersPing(port: number): Promise<boolean> {
  const redis = new Redis(port, '127.0.0.1', { lazyConnect: true, retryStrategy: () => null })
  redis.on('error', () => {})
  try {
    await redis.connect()
    return (await redis.ping()) === 'PONG'
  } finally {
    redis.disconnect()
  }
}
