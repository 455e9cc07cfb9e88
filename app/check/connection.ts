import { Room, RoomEvent } from 'livekit-client'
import type { CheckName, CheckResult } from './checks'

type Entry = { url: string; token: string }
type Tell = (name: CheckName, result: CheckResult) => void

const RECONNECT_MS = 15_000
const ok: CheckResult = { outcome: 'ok', words: 'works' }
const problem = (words: string): CheckResult => ({ outcome: 'problem', words })
const unknown: CheckResult = { outcome: 'unknown', words: 'unknown' }

/** Each way to the live server, tried in an empty room of its own. */
export async function checkConnection(tell: Tell): Promise<void> {
  const entry = await askEntry()
  if (!entry) {
    for (const name of ['udp', 'tcp', 'turn'] as const) tell(name, unknown)
    return
  }
  await checkProtocols(entry, tell)
  tell('turn', await checkRelay(entry))
}

async function askEntry(): Promise<Entry | null> {
  try {
    const response = await fetch('/check/entry', { method: 'POST' })
    return response.ok ? ((await response.json()) as Entry) : null
  } catch {
    return null
  }
}

async function checkProtocols({ url, token }: Entry, tell: Tell): Promise<void> {
  const room = new Room()
  try {
    await room.connect(url, token)
    const first = await findProtocol(room)
    tell('udp', first === 'udp' ? ok : problem('udp'))
    if (first === 'tcp') return tell('tcp', ok)
    const back = once(room, RoomEvent.Reconnected)
    await room.simulateScenario('force-tcp')
    await back
    tell('tcp', (await findProtocol(room)) === 'tcp' ? ok : problem('tcp'))
  } catch {
    if (room.state === 'disconnected') tell('udp', problem('signalling'))
    tell('tcp', problem('tcp'))
  } finally {
    await room.disconnect()
  }
}

async function checkRelay({ url, token }: Entry): Promise<CheckResult> {
  const room = new Room()
  let relays = false
  room.on(RoomEvent.SignalConnected, () => {
    const servers = room.engine.latestJoinResponse?.iceServers ?? []
    relays = servers.some(({ urls }) => urls.some((address) => address.startsWith('turn')))
    if (!relays) void room.disconnect()
  })
  try {
    await room.connect(url, token, { rtcConfig: { iceTransportPolicy: 'relay' } })
    return ok
  } catch {
    return relays ? problem('turn') : { outcome: 'unknown', words: 'noTurn' }
  } finally {
    await room.disconnect()
  }
}

/** The protocol of the pair of addresses that the browser chose (webrtc-stats, W3C). */
async function findProtocol(room: Room): Promise<string | null> {
  const manager = room.engine.pcManager
  for (const transport of [manager?.subscriber, manager?.publisher]) {
    const stats = await transport?.getStats()
    if (!stats) continue
    const reports = [...stats.values()]
    const chosen = reports.find(
      ({ type, selectedCandidatePairId }) => type === 'transport' && selectedCandidatePairId,
    )
    const pair = chosen && reports.find(({ id }) => id === chosen.selectedCandidatePairId)
    const local = pair && reports.find(({ id }) => id === pair.localCandidateId)
    if (local) return local.relayProtocol ?? local.protocol
  }
  return null
}

function once(room: Room, event: RoomEvent.Reconnected): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('did not reconnect')), RECONNECT_MS)
    room.once(event, () => {
      clearTimeout(timer)
      resolve()
    })
  })
}
