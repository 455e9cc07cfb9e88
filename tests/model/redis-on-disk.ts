import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Redis from 'ioredis'
import { findFreePort } from '../../scripts/stack/ports'
import { eventually } from '../support/eventually'

/** Where Redis 7 keeps its append-only files, within `dir`. */
const FILES = 'appendonlydir'

/** A Redis that writes everything to disk before it answers, so that what it knows after a crash is ours to say. */
export class RedisOnDisk {
  readonly url: string
  readonly #dir: string
  readonly #port: number
  #child: ChildProcess | null = null

  private constructor(dir: string, port: number) {
    this.#dir = dir
    this.#port = port
    this.url = `redis://127.0.0.1:${port}`
  }

  static async start(): Promise<RedisOnDisk> {
    const redis = new RedisOnDisk(await mkdtemp(join(tmpdir(), 'amphi-model-')), await findFreePort())
    await redis.#run()
    return redis
  }

  /** Power off and on; `files`: with what was on the disk when they were kept; `nothing`: with an empty disk. */
  async restart(
    disk: 'as it was' | 'nothing' | { files: string },
    whileOff: () => Promise<void> = async () => {},
  ): Promise<void> {
    await this.#end('SIGKILL')
    await whileOff()
    const files = join(this.#dir, FILES)
    if (disk !== 'as it was') await rm(files, { recursive: true, force: true })
    if (typeof disk === 'object') await cp(join(this.#dir, disk.files), files, { recursive: true })
    await this.#run()
  }

  /** Keeps the disk as it is at this moment, for `restart`. */
  async keep(): Promise<{ files: string }> {
    const kept = 'kept'
    await rm(join(this.#dir, kept), { recursive: true, force: true })
    await cp(join(this.#dir, FILES), join(this.#dir, kept), { recursive: true })
    return { files: kept }
  }

  async stop(): Promise<void> {
    await this.#end('SIGKILL')
    await rm(this.#dir, { recursive: true, force: true })
  }

  async #run() {
    const where = ['--port', String(this.#port), '--bind', '127.0.0.1', '--dir', this.#dir]
    const log = ['--loglevel', 'warning', '--save', '', '--appendonly', 'yes', '--appendfsync', 'always']
    // The files are copied: nothing may rewrite them meanwhile.
    const files = ['--auto-aof-rewrite-percentage', '0']
    this.#child = spawn('redis-server', [...where, ...log, ...files], { stdio: 'ignore' })
    const probe = new Redis(this.#port, '127.0.0.1', { retryStrategy: () => 20, maxRetriesPerRequest: null })
    probe.on('error', () => {})
    try {
      await eventually('Redis answers', async () => (await probe.ping()) === 'PONG')
    } finally {
      probe.disconnect()
    }
  }

  async #end(signal: NodeJS.Signals) {
    const child = this.#child
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill(signal)
    await exited
  }
}
