import { ConnectionState, DisconnectReason, type Room, RoomEvent } from 'livekit-client'
import { retryDelayMs } from '~/class-state/retry-delay'

export type LinkState = 'idle' | 'connecting' | 'connected' | 'reconnecting' | 'elsewhere'
export type Entry = { url: string; token: string }

export type LiveLink = { open(): void; close(): void }

type Dependencies = {
  room: Room
  /** A token that is good now; null if this person should not be connected any more. */
  findEntry(fresh: boolean): Promise<Entry | null>
  onState(state: LinkState): void
}

/**
 * Keeps one room connected. LiveKit itself mends short losses; this begins again, with a fresh token, after those it
 * gives up on. Two devices of one person would throw each other out for ever, so the older one stays away.
 */
export function createLiveLink({ room, findEntry, onState }: Dependencies): LiveLink {
  let wanted = false
  let attempt = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  async function connect(fresh: boolean): Promise<void> {
    onState(attempt === 0 ? 'connecting' : 'reconnecting')
    const entry = await findEntry(fresh).catch(() => null)
    if (!wanted) return
    if (!entry) return again()
    try {
      await room.connect(entry.url, entry.token, { autoSubscribe: true })
      if (!wanted) await room.disconnect()
    } catch {
      if (wanted) again()
    }
  }

  function again(): void {
    clearTimeout(timer)
    timer = setTimeout(() => void connect(true), retryDelayMs(attempt++, Math.random()))
  }

  function onConnectionState(state: ConnectionState): void {
    if (!wanted) return
    if (state === ConnectionState.Connected) {
      attempt = 0
      onState('connected')
    } else if (state === ConnectionState.Reconnecting || state === ConnectionState.SignalReconnecting) {
      onState('reconnecting')
    }
  }

  function onDisconnected(reason?: DisconnectReason): void {
    if (!wanted) return
    if (reason === DisconnectReason.DUPLICATE_IDENTITY) {
      wanted = false
      onState('elsewhere')
      return
    }
    onState('reconnecting')
    again()
  }

  return {
    open() {
      wanted = true
      attempt = 0
      room.on(RoomEvent.ConnectionStateChanged, onConnectionState)
      room.on(RoomEvent.Disconnected, onDisconnected)
      void connect(false)
    },
    close() {
      wanted = false
      clearTimeout(timer)
      room.off(RoomEvent.ConnectionStateChanged, onConnectionState)
      room.off(RoomEvent.Disconnected, onDisconnected)
      onState('idle')
      void room.disconnect()
    },
  }
}
