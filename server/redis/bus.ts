import type { Redis } from 'ioredis'
import type { Logger } from '../logger'
import { isCluster } from './connect'

export type ChannelListener = (message: string) => void

/** One subscribing connection a process; channels are subscribed while somebody listens. */
export interface Bus {
  /** Resolves when Redis delivers from now on; at once while it is away: then it does when it is back. */
  listen(channel: string, listener: ChannelListener): Promise<() => void>
  close(): void
}

/** A shard whose connection is not up yet, or which is moving, is there after a few of these. */
const AGAIN_MS = 100

/** Subscribes again whenever Redis is back; what was published meanwhile is lost. */
export function createBus(subscriber: Redis, logger: Logger): Bus {
  const channels = new Map<string, Set<ChannelListener>>()
  const sharded = isCluster(subscriber)
  subscriber.on(sharded ? 'smessage' : 'message', (channel: string, message: string) => {
    for (const listener of channels.get(channel) ?? []) {
      try {
        listener(message)
      } catch (error) {
        logger.error({ err: error, channel }, 'A listener failed')
      }
    }
  })
  subscriber.on('ready', () => {
    if (channels.size === 0) return
    // Channels of a cluster are of many slots: each is asked for by itself.
    if (sharded) for (const channel of channels.keys()) void subscribe(channel)
    else subscriber.subscribe(...channels.keys()).catch(() => {})
  })

  async function subscribe(channel: string): Promise<void> {
    try {
      await (sharded ? subscriber.ssubscribe(channel) : subscriber.subscribe(channel))
    } catch {
      if (!sharded) return // on 'ready'
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS))
      if (channels.has(channel) && subscriber.status === 'ready') await subscribe(channel)
    }
  }

  return {
    async listen(channel, listener) {
      const listeners = channels.get(channel) ?? new Set()
      channels.set(channel, listeners.add(listener))
      if (listeners.size === 1) await subscribe(channel)
      return () => {
        listeners.delete(listener)
        if (listeners.size > 0 || channels.get(channel) !== listeners) return
        channels.delete(channel)
        const gone = sharded ? subscriber.sunsubscribe(channel) : subscriber.unsubscribe(channel)
        gone.catch(() => {})
      }
    },
    close: () => subscriber.disconnect(),
  }
}
