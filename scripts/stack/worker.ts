import type { Part, Plan } from './part'
import { WORKER_PROGRAM } from './paths'
import { hasEgressWorker } from './readiness'

export function createWorker({ env }: Plan): Part {
  const redisUrl = env.REDIS_URL ?? ''
  return { name: 'worker', command: WORKER_PROGRAM, args: [], env, isReady: () => hasEgressWorker(redisUrl) }
}
