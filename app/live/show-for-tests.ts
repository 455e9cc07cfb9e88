import type { Room, RoomOptions } from 'livekit-client'

declare global {
  interface Window {
    /**
     * For browser tests: how this page publishes and subscribes, as LiveKit has been told. Nothing secret, and
     * nothing that does anything.
     */
    __amphi?: {
      roomOptions: RoomOptions
      connection(): string
      published(): { source: string; muted: boolean }[]
    }
  }
}

export function showForTests(room: Room): () => void {
  window.__amphi = {
    roomOptions: JSON.parse(JSON.stringify(room.options)) as RoomOptions,
    connection: () => room.state,
    published: () =>
      [...room.localParticipant.trackPublications.values()].map(({ source, isMuted }) => ({
        source,
        muted: isMuted,
      })),
  }
  return () => {
    delete window.__amphi
  }
}
