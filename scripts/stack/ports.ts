import { createSocket } from 'node:dgram'
import { createServer } from 'node:net'

export type Protocol = 'tcp' | 'udp'

/**
 * Free ports are taken from below the range that Linux hands out to outgoing connections (32768 and up), so that
 * nothing but another such choice can snatch one between the choice and its use.
 */
const LOWEST_FREE_PORT = 20_000
const HIGHEST_FREE_PORT = 32_000

export async function isPortFree(port: number, protocol: Protocol, host?: string): Promise<boolean> {
  return protocol === 'tcp' ? canListen(port, host) : canBind(port, host)
}

/** A port that nobody listens on now, by TCP or UDP. */
export async function findFreePort(): Promise<number> {
  for (;;) {
    const port = LOWEST_FREE_PORT + Math.floor(Math.random() * (HIGHEST_FREE_PORT - LOWEST_FREE_PORT))
    if ((await isPortFree(port, 'tcp')) && (await isPortFree(port, 'udp'))) return port
  }
}

function canListen(port: number, host?: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)))
  })
}

function canBind(port: number, host?: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4')
    socket.once('error', () => resolve(false))
    socket.bind({ port, address: host, exclusive: true }, () => socket.close(() => resolve(true)))
  })
}
