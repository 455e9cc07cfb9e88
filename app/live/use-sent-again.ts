import { useRoomContext } from '@livekit/components-react'
import { ConnectionState, type Participant, RoomEvent, Track, type TrackPublication } from 'livekit-client'
import { useEffect, useRef } from 'react'
import {
  evolveSending,
  nothingSent,
  type SendingDevice,
  type SendingEvent,
  type SendingRights,
  toSentAgain,
} from './sending'
import type { useMedia } from './use-media'

const devices: { [source in Track.Source]?: SendingDevice } = {
  [Track.Source.Microphone]: 'microphone',
  [Track.Source.Camera]: 'camera',
  [Track.Source.ScreenShare]: 'screen',
}

/**
 * When LiveKit gives a connection up it stops and forgets all that this person publishes. Connected anew, the page
 * sends again what was on, as far as they still may.
 */
export function useSentAgain(
  { setMicrophone, setCamera, tellScreenLost }: ReturnType<typeof useMedia>,
  { publish, camera }: SendingRights,
): void {
  const room = useRoomContext()
  const sending = useRef(nothingSent)
  const rights = useRef<SendingRights>({ publish, camera })
  rights.current = { publish, camera }

  useEffect(() => {
    if (!publish) sending.current = evolveSending(sending.current, { type: 'barred' })
  }, [publish])

  useEffect(() => {
    const note = (event: SendingEvent) => {
      sending.current = evolveSending(sending.current, event)
    }
    const noteTrack = (type: 'on' | 'off', { source }: TrackPublication) => {
      const device = devices[source]
      if (device) note({ type, device })
    }
    const published = (track: TrackPublication) => {
      if (!track.isMuted) noteTrack('on', track)
    }
    const unpublished = (track: TrackPublication) => {
      // LiveKit unpublishes on a loss and while it reconnects, too; the state that tells follows in the same task.
      queueMicrotask(() => room.state === ConnectionState.Connected && noteTrack('off', track))
    }
    const unmuted = (track: TrackPublication, { isLocal }: Participant) => isLocal && noteTrack('on', track)
    const muted = (track: TrackPublication, { isLocal }: Participant) => isLocal && noteTrack('off', track)
    const lost = (reason: Extract<SendingEvent, { type: 'lost' }>['reason']) => note({ type: 'lost', reason })
    const connected = async () => {
      const { permissions } = room.localParticipant
      const may = { ...rights.current, publish: rights.current.publish && permissions?.canPublish === true }
      const again = toSentAgain(sending.current, may)
      note({ type: 'off', device: 'screen' })
      if (again.screenLost) tellScreenLost()
      if (again.microphone) await setMicrophone(true)
      if (again.camera) await setCamera(true)
    }
    room
      .on(RoomEvent.LocalTrackPublished, published)
      .on(RoomEvent.LocalTrackUnpublished, unpublished)
      .on(RoomEvent.TrackUnmuted, unmuted)
      .on(RoomEvent.TrackMuted, muted)
      .on(RoomEvent.Disconnected, lost)
      .on(RoomEvent.Connected, connected)
    return () => {
      room
        .off(RoomEvent.LocalTrackPublished, published)
        .off(RoomEvent.LocalTrackUnpublished, unpublished)
        .off(RoomEvent.TrackUnmuted, unmuted)
        .off(RoomEvent.TrackMuted, muted)
        .off(RoomEvent.Disconnected, lost)
        .off(RoomEvent.Connected, connected)
    }
  }, [room, setMicrophone, setCamera, tellScreenLost])
}
