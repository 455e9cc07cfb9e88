import { once } from 'node:events'
import { createServer, connect as dial, type Socket } from 'node:net'

export type LinkShape = {
  bitsPerSecond: number
  /** Added to every answer: what a round trip takes, and how much it varies either way. */
  delayMs: number
  jitterMs: number
  /** Share of packets that come only when they were sent again. */
  loss: number
}

export type SlowLink = {
  port: number
  /** Connections made so far, and bytes that came through to the player. */
  counts(): { connections: number; bytes: number }
  /** While down nothing comes through in either direction, and connections stay open, as under a bridge. */
  setDown(down: boolean): void
  shape(change: Partial<LinkShape>): void
  close(): Promise<void>
}

/** Ethernet's 1500 without the headers of IP and TCP. */
const PACKET_BYTES = 1_448
/** What a router keeps for one connection before it makes the sender wait. */
const QUEUE_BYTES = 32_768

/**
 * A TCP proxy that behaves like a mobile link on the way to the player: one token bucket for all connections, a delay
 * that varies, and lost packets, which TCP shows as a pause of everything behind them. `random` in [0, 1).
 */
export async function startSlowLink(
  shape: LinkShape,
  findTarget: () => number,
  random: () => number,
): Promise<SlowLink> {
  const now = () => performance.now()
  const sockets = new Set<Socket>()
  const waiting = new Set<() => void>()
  let current = shape
  let down = false
  /** When the link has sent everything that was given to it. */
  let freeAt = 0
  let bytes = 0
  let connections = 0

  const untilUp = () => (down ? new Promise<void>((resolve) => waiting.add(resolve)) : null)
  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
  const vary = () => current.delayMs + (random() * 2 - 1) * current.jitterMs

  function carryDown(from: Socket, to: Socket): void {
    let queued = 0
    let lastAt = 0
    let chain: Promise<unknown> = Promise.resolve()
    from.on('data', (chunk) => {
      const delayMs = vary()
      for (let at = 0; at < chunk.length; at += PACKET_BYTES) {
        const packet = chunk.subarray(at, at + PACKET_BYTES)
        queued += packet.length
        chain = chain.then(async () => {
          await untilUp()
          if (to.destroyed) return
          freeAt = Math.max(freeAt, now()) + (packet.length * 8_000) / current.bitsPerSecond
          const repeatMs = random() < current.loss ? current.delayMs + 50 : 0
          lastAt = Math.max(lastAt, freeAt + delayMs + repeatMs)
          deliver(packet, lastAt)
          // The next packet of this connection stands in line again, so connections take turns.
          await pause(Math.max(0, freeAt - now()))
        })
      }
      if (queued > QUEUE_BYTES) from.pause()
    })
    let delivered: Promise<unknown> = Promise.resolve()
    function deliver(packet: Buffer, at: number): void {
      delivered = delivered.then(async () => {
        await pause(Math.max(0, at - now()))
        await untilUp()
        queued -= packet.length
        if (queued <= QUEUE_BYTES) from.resume()
        if (to.destroyed) return
        bytes += packet.length
        to.write(packet)
      })
    }
    from.on('end', () => void chain.then(() => delivered).then(() => to.end()))
  }

  function carryUp(from: Socket, to: Socket): void {
    let chain: Promise<unknown> = Promise.resolve()
    from.on('data', (chunk) => {
      chain = chain.then(untilUp).then(() => to.write(chunk))
    })
    from.on('end', () => void chain.then(() => to.end()))
  }

  const server = createServer((player) => {
    connections += 1
    const origin = dial(findTarget(), '127.0.0.1')
    for (const [one, other] of [
      [player, origin],
      [origin, player],
    ] as const) {
      sockets.add(one)
      one.setNoDelay(true)
      one.on('error', () => other.destroy())
      one.on('close', () => {
        sockets.delete(one)
        if (one === player) origin.destroy()
      })
    }
    carryUp(player, origin)
    carryDown(origin, player)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('no port')

  return {
    port: address.port,
    counts: () => ({ connections, bytes }),
    setDown(next) {
      down = next
      if (down) return
      for (const resolve of waiting) resolve()
      waiting.clear()
    },
    shape(change) {
      current = { ...current, ...change }
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
