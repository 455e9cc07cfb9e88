import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'

/** As Engine.IO numbers and words them; clients show them to those who look for a mistake. */
export type Fault = { code: number; message: string }

const PROTOCOL = '4'
const TRANSPORT = 'websocket'
/** What every stock client asks: in a storm nothing else is taken apart. */
const ORDINARY = `?EIO=${PROTOCOL}&transport=${TRANSPORT}`

export function isBelow(path: string, { url = '' }: IncomingMessage): boolean {
  return url.startsWith(`${path}/`)
}

/** What makes a request one that cannot become a connection of ours. */
export function findFault({ url = '', method }: IncomingMessage): Fault | null {
  if (method === 'GET' && url.slice(url.indexOf('?')) === ORDINARY) return null
  const query = new URLSearchParams(url.split('?', 2)[1])
  if (query.get('transport') !== TRANSPORT) return { code: 0, message: 'Transport unknown' }
  if (query.get('EIO') !== PROTOCOL) return { code: 5, message: 'Unsupported protocol version' }
  // Of a connection that began with long polling: there are none.
  if (query.has('sid')) return { code: 1, message: 'Session ID unknown' }
  if (method !== 'GET') return { code: 2, message: 'Bad handshake method' }
  return null
}

/** A request that is not even an upgrade. */
export function refuseRequest(response: ServerResponse, fault: Fault | null): void {
  const body = JSON.stringify(fault ?? { code: 3, message: 'Bad request' })
  response.writeHead(400, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' }).end(body)
}

export function refuseUpgrade(stream: Duplex, status: 400 | 403, fault: Fault): void {
  const body = JSON.stringify(fault)
  const words = status === 400 ? 'Bad Request' : 'Forbidden'
  stream.on('error', () => stream.destroy())
  stream.once('finish', () => stream.destroy())
  stream.end(
    [
      `HTTP/1.1 ${status} ${words}`,
      'Connection: close',
      'Content-Type: application/json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n'),
  )
}
