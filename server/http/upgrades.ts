import type { Server } from 'node:http'
import { LIVEKIT_PREFIX, type Proxies } from './proxies'

/** The gateway listens itself for its own path, which ends in a slash: without one nobody would ever answer. */
const GATEWAY_PREFIX = '/gateway/'

/** Websocket upgrades of one server by their path; what belongs to nobody is cut off. `isOther`: somebody else's. */
export function routeUpgrades(
  server: Server,
  proxies: Pick<Proxies, 'upgradeLivekit'>,
  isOther: (protocol: string | undefined) => boolean,
): void {
  server.on('upgrade', (request, socket, head) => {
    const path = (request.url ?? '').split('?', 1)[0] ?? ''
    if (path.startsWith(GATEWAY_PREFIX)) return
    // A client that goes away in the middle of a handshake is no fault of ours.
    socket.on('error', () => socket.destroy())
    if (path.startsWith(`${LIVEKIT_PREFIX}/`)) proxies.upgradeLivekit(request, socket, head)
    else if (!isOther(request.headers['sec-websocket-protocol'])) socket.destroy()
  })
}
