import { createServer } from 'node:http'
import { request } from 'node:https'
import type { AddressInfo } from 'node:net'

/**
 * With a certificate the server speaks TLS only, and LiveKit would not accept that certificate for 127.0.0.1. This
 * passes webhooks on, byte for byte, from plain HTTP on loopback; they are signed, so nothing is lost.
 */
export async function startWebhookRelay(serverPort: number): Promise<{ url: string; stop(): void }> {
  const relay = createServer((incoming, answer) => {
    const outgoing = request(
      {
        host: '127.0.0.1',
        port: serverPort,
        path: '/webhooks/livekit',
        method: incoming.method,
        headers: incoming.headers,
        // this machine talks to itself; the certificate is for its public name
        rejectUnauthorized: false,
      },
      (response) => {
        answer.writeHead(response.statusCode ?? 502, response.headers)
        response.pipe(answer)
      },
    )
    outgoing.on('error', () => answer.writeHead(502).end())
    incoming.pipe(outgoing)
  })
  await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve))
  const { port } = relay.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}/webhooks/livekit`, stop: () => relay.close() }
}
