import { type Participant, Room, RoomEvent, Track, type TrackPublication } from 'livekit-client'
import { useEffect, useState } from 'react'
import type { Shown } from './arrange'
import { createRecordingWords } from './recording-words'

export type Picture = Shown & { track: Track }
export type Composite = {
  state: 'connecting' | 'on' | 'over'
  pictures: readonly Picture[]
  sounds: readonly Track[]
  pinned: string | null
}

const atFirst: Composite = { state: 'connecting', pictures: [], sounds: [], pinned: null }
const changes = [
  RoomEvent.TrackSubscribed,
  RoomEvent.TrackUnsubscribed,
  RoomEvent.TrackMuted,
  RoomEvent.TrackUnmuted,
  RoomEvent.ActiveSpeakersChanged,
  RoomEvent.RoomMetadataChanged,
  RoomEvent.ParticipantDisconnected,
] as const

/** The room as a recorder sees it, with the token that the engine has put into the page's address. */
export function useComposite(url: string, token: string): Composite {
  const [composite, setComposite] = useState(atFirst)
  useEffect(() => {
    const room = new Room({ adaptiveStream: false, dynacast: false })
    const words = createRecordingWords()
    let stopLooking = () => {}
    const look = () => setComposite((last) => ({ ...last, ...toComposite(room) }))
    for (const change of changes) room.on(change, look)
    room.on(RoomEvent.Connected, () => {
      stopLooking = words.begin()
      setComposite({ state: 'on', ...toComposite(room) })
    })
    room.on(RoomEvent.Disconnected, () => {
      stopLooking()
      words.end()
      setComposite((last) => ({ ...last, state: 'over' }))
    })
    room.connect(url, token, { autoSubscribe: true }).catch(() => words.end())
    return () => {
      stopLooking()
      void room.disconnect()
    }
  }, [url, token])
  return composite
}

function toComposite(room: Room): Omit<Composite, 'state'> {
  const people = [...room.remoteParticipants.values()]
  const all = people.flatMap((person) =>
    [...person.trackPublications.values()].map((publication) => ({ person, publication })),
  )
  return {
    pictures: all.flatMap(({ person, publication }) => toPicture(person, publication) ?? []),
    sounds: all.flatMap(({ publication }) =>
      publication.track && publication.kind === Track.Kind.Audio ? [publication.track] : [],
    ),
    pinned: readPinned(room.metadata),
  }
}

function toPicture(person: Participant, publication: TrackPublication): Picture | null {
  const { track, source, isMuted, trackSid } = publication
  if (!track || isMuted || publication.kind !== Track.Kind.Video) return null
  return {
    id: trackSid,
    personId: person.identity,
    source: source === Track.Source.ScreenShare ? 'screen' : 'camera',
    teacher: readJson(person.metadata).role === 'teacher',
    spokeAt: person.isSpeaking ? Date.now() : (person.lastSpokeAt?.getTime() ?? 0),
    track,
  }
}

function readPinned(metadata: string | undefined): string | null {
  const { pinned } = readJson(metadata)
  return typeof pinned === 'string' ? pinned : null
}

function readJson(text: string | undefined): Record<string, unknown> {
  try {
    return JSON.parse(text ?? '') ?? {}
  } catch {
    return {}
  }
}
