import type { Redis } from 'ioredis'
import { isCluster } from './connect'

/**
 * To all who listen on the bus; how many that are. In a cluster every channel lives on one shard, as keys do: a plain
 * PUBLISH would go to every node, and count only the listeners of one.
 */
export async function publish(redis: Redis, channel: string, message: string): Promise<number> {
  if (!isCluster(redis)) return redis.publish(channel, message)
  return Number(await redis.spublish(channel, message))
}

/** A script whose messages are for listeners of the bus. */
export function toBusScript(redis: Redis, lua: string): string {
  return isCluster(redis) ? lua.replaceAll("'PUBLISH'", "'SPUBLISH'") : lua
}

/** Patterns are no business of shards: how many are subscribed to on any node. */
export async function countPatterns(redis: Redis): Promise<number> {
  const counts = await Promise.all(nodesOf(redis).map((node) => node.call('PUBSUB', 'NUMPAT')))
  return counts.reduce<number>((sum, count) => sum + Number(count), 0)
}

/** How many listen to each of the channels, on any node. Not those of the bus in a cluster: these are on shards. */
export async function countSubscribers(redis: Redis, channels: readonly string[]): Promise<number[]> {
  const counts = await Promise.all(nodesOf(redis).map((node) => node.call('PUBSUB', 'NUMSUB', ...channels)))
  const byNode = counts.map((answer) =>
    (answer as unknown[]).filter((_, index) => index % 2 === 1).map(Number),
  )
  return channels.map((_, index) => byNode.reduce((sum, node) => sum + (node[index] ?? 0), 0))
}

function nodesOf(redis: Redis): Redis[] {
  return 'nodes' in redis && typeof redis.nodes === 'function' ? (redis.nodes() as Redis[]) : [redis]
}
