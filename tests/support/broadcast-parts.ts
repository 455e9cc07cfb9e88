import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Redis } from 'ioredis'
import { createDirector, type Director, type DirectorOptions } from '../../egress/director/director'
import { createDirectorySource } from '../../egress/origin/directory-source'
import { createOrigin, type Origin } from '../../egress/origin/origin'
import type { PartSource } from '../../egress/origin/part-source'
import { newId } from '../../server/ids'
import { createRooms } from '../../server/livekit/rooms'
import type { ClassLogs } from '../../server/log/class-logs'
import { createTokens, type Tokens } from '../../server/people/tokens'
import { createBus } from '../../server/redis/bus'
import { connectRedis } from '../../server/redis/connect'
import { startLogs, testLogger } from './class-rig'
import { startLivekit, type TestLivekit } from './livekit'
import { startRedis, type TestRedis } from './redis'
import { startWorker, type TestWorker } from './worker'

/** What a broadcast needs besides an engine: real Redis and LiveKit, a log, an origin, a director. */
export type BroadcastParts = {
  redis: TestRedis
  store: Redis
  livekit: TestLivekit
  logs: ClassLogs
  tokens: Tokens
  director: Director
  /** The one that runs: closed and started anew where a test wants it away. */
  origin: Origin
  broadcastDir: string
  startOrigin(): Promise<Origin>
  /** A director beside the log of another process. */
  direct(by: ClassLogs): Director
  startWorker(): Promise<TestWorker>
  stop(): Promise<void>
}

type Options = Partial<
  Pick<DirectorOptions, 'engine' | 'pacing' | 'standby' | 'toPageUrl' | 'retentionDays'>
> & {
  toSource?(broadcastDir: string, now: () => number): PartSource
}

export async function startBroadcastParts(options: Options = {}): Promise<BroadcastParts> {
  const { toSource = (dir) => createDirectorySource(dir), ...directing } = options
  const broadcastDir = await mkdtemp(join(tmpdir(), 'amphi-broadcast-'))
  const redis = await startRedis()
  const store = connectRedis(redis.url, testLogger)
  const bus = createBus(connectRedis(redis.url, testLogger), testLogger)
  const livekit = await startLivekit(redis.url)
  const logs = await startLogs(redis.url)
  const now = () => logs.now()
  const tokens = createTokens(['a-secret-key-for-tests'], now)

  function startOrigin(): Promise<Origin> {
    const source = toSource(broadcastDir, now)
    return createOrigin({ redisUrl: redis.url, source, tokens, logger: testLogger, port: 0, now })
  }

  function direct(by: ClassLogs): Director {
    const made = createDirector({
      redis: store,
      bus,
      livekit,
      engine: 'worker',
      retentionDays: 0,
      ...directing,
      broadcastDir,
      ensureRoom: createRooms(livekit).ensure,
      submit: (classId, envelope) => by.submit(classId, envelope),
      now: () => by.now(),
      newRunId: () => newId('run'),
      logger: testLogger,
    })
    by.onLead((followed) => made.attach(followed))
    return made
  }

  const parts: BroadcastParts = {
    ...{ redis, store, livekit, logs, tokens, broadcastDir, startOrigin, direct },
    origin: await startOrigin(),
    director: direct(logs),
    startWorker: () => startWorker({ redisUrl: redis.url, livekit, broadcastDir }),
    async stop() {
      parts.director.close()
      await logs.close()
      await parts.origin.close()
      await livekit.stop()
      store.disconnect()
      bus.close()
      await redis.stop()
      await rm(broadcastDir, { recursive: true, force: true })
    },
  }
  return parts
}
