import type { Redis } from 'ioredis'
import { countSubscribers } from '../../server/redis/publish'

/**
 * Which processes of the engine live. LiveKit calls them over Redis (psrpc): each listens to a channel for as long as it
 * has a connection, and a process that is killed has none at once, whereas LiveKit's own list calls its egress active
 * for ever. Where LiveKit has another Redis than ours nobody is ever heard, and nothing follows from that.
 */
export type EngineProcesses = {
  /** Those of the egresses whose process listens. */
  findListening(egressIds: readonly string[]): Promise<ReadonlySet<string>>
  /** False: a request would reach nobody, as whoever took requests before is not there. */
  takesRequests(): Promise<boolean>
}

const REQUESTS = 'EgressInternal|StartEgress|REQ'
const toChannel = (egressId: string) => `EgressHandler|StopEgress|${egressId}|REQ`

export function createEngineProcesses(redis: Redis): EngineProcesses {
  let tookRequests = false
  return {
    async findListening(egressIds) {
      if (egressIds.length === 0) return new Set()
      const counts = await countSubscribers(redis, egressIds.map(toChannel))
      return new Set(egressIds.filter((_, index) => (counts[index] ?? 0) > 0))
    },
    async takesRequests() {
      const [count = 0] = await countSubscribers(redis, [REQUESTS])
      tookRequests ||= count > 0
      return count > 0 || !tookRequests
    },
  }
}
