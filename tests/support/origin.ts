import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Redis from 'ioredis'
import { pino } from 'pino'
import { createDirectorySource } from '../../egress/origin/directory-source'
import { createOrigin, type Origin, type OriginOptions } from '../../egress/origin/origin'
import type { BroadcastPlan } from '../../egress/plan'
import { createTokens, type Tokens } from '../../server/people/tokens'
import { keysOf, openClassesKey } from '../../server/redis/names'
import { startRedis, type TestRedis } from './redis'

/** An answer takes some ms of either: far more than a slow machine makes of it, far less than a request is held. */
const PROMPT_PROCESSOR_MS = 1_000
const PROMPT_WALL_MS = 20_000

export type OriginRig = {
  redis: TestRedis
  client: Redis
  dir: string
  tokens: Tokens
  start(options?: Partial<OriginOptions>): Promise<Origin & { url: string }>
  setPlan(plan: BroadcastPlan): Promise<void>
  newClass(): { classId: string; runId(number: number): string }
  watchToken(classId: string, personId?: string): Promise<string>
  closeOrigins(): Promise<void>
  stop(): Promise<void>
}

/** Origins over one Redis and one directory, as on one machine. */
export async function createOriginRig(): Promise<OriginRig> {
  const redis = await startRedis()
  const client = new Redis(redis.url)
  const dir = await mkdtemp(join(tmpdir(), 'amphi-origin-'))
  const tokens = createTokens([randomBytes(32).toString('hex')], Date.now)
  const origins: Origin[] = []
  const closeOrigins = async () => {
    await Promise.all(origins.splice(0).map((origin) => origin.close()))
  }
  return {
    redis,
    client,
    dir,
    tokens,
    async start(options = {}) {
      const origin = await createOrigin({
        redisUrl: redis.url,
        source: createDirectorySource(dir),
        tokens,
        logger: pino({ level: 'silent' }),
        port: 0,
        now: Date.now,
        ...options,
      })
      origins.push(origin)
      return { ...origin, url: `http://127.0.0.1:${origin.port}` }
    },
    async setPlan(plan) {
      const key = keysOf(plan.classId).plan
      if (!plan.ended) await client.sadd(openClassesKey, plan.classId)
      await client.set(key, JSON.stringify(plan))
      await client.publish(key, '')
    },
    newClass() {
      const suffix = randomBytes(6).toString('hex')
      return { classId: `cls_${suffix}`, runId: (number) => `run_${suffix}_${number}` }
    },
    watchToken: async (classId, personId = 'per_1') =>
      tokens.signWatch({ cls: classId, sub: personId, ver: 0 }),
    closeOrigins,
    async stop() {
      await closeOrigins()
      client.disconnect()
      await redis.stop()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

/**
 * Says what a request has taken since then. The time on the wall grows with all else that a machine does, that of the
 * processor only with the work of this process: of the test and its origins.
 */
export function measureRequest(): () => { wallMs: number; processorMs: number } {
  const [at, used] = [performance.now(), process.cpuUsage()]
  return () => {
    const { user, system } = process.cpuUsage(used)
    return { wallMs: performance.now() - at, processorMs: (user + system) / 1_000 }
  }
}

/** Of a good viewer's request while others misbehave: it does not hang, nor wait until others have been worked for. */
export const isPrompt = ({ wallMs, processorMs }: { wallMs: number; processorMs: number }) =>
  wallMs < PROMPT_WALL_MS && processorMs < PROMPT_PROCESSOR_MS

/** Fetches until the status is the wanted one; fails with the last answer. */
export async function fetchUntil(url: string, status: number, timeoutMs = 10_000): Promise<Response> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    const response = await fetch(url)
    if (response.status === status) return response
    const text = await response.text()
    if (Date.now() > deadline) throw new Error(`${response.status} instead of ${status}: ${text}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
