import type { Redis } from 'ioredis'
import type { Logger } from '../logger'

export type ChannelListener = (message: string) => void

/** One subscribing connection a process; channels are subscribed while somebody listens. */
export interface Bus {
  /** Resolves when Redis delivers from now on; at once while it is away: then it does when it is back. */
  listen(channel: string, listener: ChannelListener): Promise<() => void>
  close(): void
}

/** Subscribes again whenever Redis is back; what was published meanwhile is lost. */
export function createBus(subscriber: Redis, logger: Logger): Bus {
  const channels = new Map<string, Set<ChannelListener>>()
  subscriber.on('message', (channel: string, message: string) => {
    for (const listener of channels.get(channel) ?? []) {
      try {
        listener(message)
      } catch (error) {
        logger.error({ err: error, channel }, 'A listener failed')
      }
    }
  })
  subscriber.on('ready', () => {
    if (channels.size > 0) subscriber.subscribe(...channels.keys()).catch(() => {})
  })

  return {
    async listen(channel, listener) {
      const listeners = channels.get(channel) ?? new Set()
      channels.set(channel, listeners.add(listener))
      if (listeners.size === 1) await subscriber.subscribe(channel).catch(() => {})
      return () => {
        listeners.delete(listener)
        if (listeners.size > 0 || channels.get(channel) !== listeners) return
        channels.delete(channel)
        subscriber.unsubscribe(channel).catch(() => {})
      }
    },
    close: () => subscriber.disconnect(),
  }
}
