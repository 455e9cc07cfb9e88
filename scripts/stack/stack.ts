import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Environment, parseConfig, type ResolvedConfig, requireResolved } from '../../server/config'
import { type Child, createChild } from './child'
import { toConsoleLine } from './console'
import { createDatabase, toDatabaseAddress } from './database'
import { resolveEnvironment } from './environment'
import { createLeash } from './leash'
import { createLivekit } from './livekit'
import { lockDataDir } from './lock'
import { createOrigin, createServer } from './node-part'
import type { Part, Plan } from './part'
import { ROOT } from './paths'
import { choosePorts } from './port-choice'
import { createRedis } from './redis'
import { loadSecrets } from './secrets'
import { startWebhookRelay } from './webhook-relay'
import { createWorker } from './worker'

export type PartName = 'redis' | 'database' | 'livekit' | 'worker' | 'origin' | 'server'

export type StackOptions = {
  /** Lines for the operator: warnings of the server, deaths and restarts. Absent: nothing is told. */
  report?: (line: string) => void
  /** Server and origin start anew when their files change. */
  dev?: boolean
  /** Leaves out the rest; for tests of single parts. */
  only?: PartName[]
  /** Ends the start; what had been started is stopped. */
  signal?: AbortSignal
}

export type Stack = {
  /** Where browsers find it. */
  url: string
  config: ResolvedConfig
  /** The environment of every child. */
  env: Environment
  children: Partial<Record<PartName, Child>>
  /** True if this start made DATA_DIR's secrets. */
  secretsMade: boolean
  stop(): Promise<void>
}

/** What must be ready first. The database takes longest, so nothing but the server waits for it. */
const NEEDS: Record<PartName, PartName[]> = {
  redis: [],
  database: [],
  livekit: ['redis'],
  worker: ['redis'],
  origin: ['redis'],
  server: ['redis', 'database', 'livekit'],
}
/** First whoever speaks to people, last whoever keeps their data. */
const STOP_ORDER: PartName[][] = [['server', 'origin', 'worker'], ['livekit'], ['redis', 'database']]

/**
 * Starts all processes that `env` does not say are elsewhere, and resolves when each of them is ready. Several stacks
 * run side by side if each has a DATA_DIR and ports of its own (0: any free one). Throws ConfigError for a wrong
 * environment; if a part fails, what had been started is stopped and the part's last log lines are in the message.
 */
export async function startStack(given: Environment, options: StackOptions = {}): Promise<Stack> {
  const asked = parseConfig(given)
  const leash = createLeash()
  const closers: Array<() => unknown> = [leash.drop]
  const children: Partial<Record<PartName, Child>> = {}
  let stopping: Promise<void> | undefined
  const stop = () => {
    stopping ??= stopAll()
    return stopping
  }
  const stopAll = async () => {
    for (const names of STOP_ORDER) await Promise.all(names.map((name) => children[name]?.stop()))
    for (const close of closers.reverse()) await close()
  }
  try {
    closers.push(await lockDataDir(asked.dataDir, leash.pid))
    const ports = await choosePorts(asked, given)
    const { secrets, made } = await loadSecrets(asked.dataDir)
    const database = toDatabaseAddress(asked, ports.PG_PORT)
    const env: Environment = {
      ...resolveEnvironment(given, ports, secrets, database.url),
      ...(options.dev && { AMPHI_DEV: '1' }),
    }
    const config = requireResolved(parseConfig(env))
    await mkdir(config.broadcast.dir, { recursive: true })
    const plan: Plan = { config, env, ports, secrets, dev: options.dev ?? false }

    const parts: Partial<Record<PartName, Part>> = { origin: createOrigin(plan), server: createServer(plan) }
    if (!asked.redisUrl) parts.redis = await createRedis(plan)
    if (!asked.databaseUrl) parts.database = createDatabase(plan, database)
    if (!asked.livekit.url) {
      const relay = config.tls && (await startWebhookRelay(config.port))
      if (relay) closers.push(relay.stop)
      parts.livekit = await createLivekit(
        plan,
        relay?.url ?? `http://127.0.0.1:${config.port}/webhooks/livekit`,
      )
    }
    if (config.broadcast.engine === 'worker') parts.worker = createWorker(plan)

    for (const [name, part] of Object.entries(parts) as Array<[PartName, Part]>) {
      if (options.only && !options.only.includes(name)) continue
      children[name] = createChild(
        {
          ...part,
          cwd: ROOT,
          logPath: join(config.dataDir, 'logs', `${name}.log`),
          onLine: (line) => {
            const shown = toConsoleLine(name, line, config.logLevel)
            if (shown !== undefined) options.report?.(shown)
          },
          onEvent: options.report,
        },
        leash,
      )
    }
    options.signal?.addEventListener('abort', stop)
    options.signal?.throwIfAborted()
    await startInOrder(children)
    return { url: config.publicUrl, config, env, children, secretsMade: made, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Each part as soon as those it needs are ready, so that the slow ones start side by side. */
async function startInOrder(children: Partial<Record<PartName, Child>>): Promise<void> {
  const started = new Map<PartName, Promise<void>>()
  const start = (name: PartName): Promise<void> => {
    const running =
      started.get(name) ?? Promise.all(NEEDS[name].map(start)).then(() => children[name]?.start())
    started.set(name, running)
    return running
  }
  await Promise.all((Object.keys(NEEDS) as PartName[]).map(start))
}
