import { useLocalParticipant, useRoomContext } from '@livekit/components-react'
import { ParticipantEvent, type Room } from 'livekit-client'
import { useCallback, useState } from 'react'
import { type DeviceError, toDeviceError } from './device-errors'
import { screenShareOptions } from './room-options'

export type MediaProblem = { device: 'microphone' | 'camera' | 'screen'; error: DeviceError | 'lost' }
/** LiveKit learns of a new right within a second; longer means that it never will. */
const PERMISSION_MS = 15_000

/** This person's own microphone, camera and screen: whether they are on, and switching them. */
export function useMedia() {
  const room = useRoomContext()
  const { isMicrophoneEnabled, isCameraEnabled, isScreenShareEnabled } = useLocalParticipant({ room })
  const [problems, setProblems] = useState<readonly MediaProblem[]>([])
  const [busy, setBusy] = useState(false)

  const attempt = useCallback(
    async (device: MediaProblem['device'], run: () => Promise<unknown>) => {
      const others = (all: readonly MediaProblem[]) => all.filter((known) => known.device !== device)
      setProblems(others)
      setBusy(true)
      try {
        await untilMayPublish(room)
        await run()
      } catch (error) {
        // Closing the browser's window for choosing a screen is a choice, not a problem.
        const why = toDeviceError(error)
        if (device !== 'screen' || why !== 'denied')
          setProblems((all) => [...others(all), { device, error: why }])
      } finally {
        setBusy(false)
      }
    },
    [room],
  )
  const local = room.localParticipant
  const setMicrophone = useCallback(
    (on: boolean) => attempt('microphone', () => local.setMicrophoneEnabled(on)),
    [attempt, local],
  )
  const setCamera = useCallback(
    (on: boolean) => attempt('camera', () => local.setCameraEnabled(on)),
    [attempt, local],
  )
  const setScreen = useCallback(
    (on: boolean) => attempt('screen', () => local.setScreenShareEnabled(on, screenShareOptions)),
    [attempt, local],
  )
  /** It cannot be asked for without a gesture, so the person has to know. */
  const tellScreenLost = useCallback(
    () =>
      setProblems((all) => [
        ...all.filter(({ device }) => device !== 'screen'),
        { device: 'screen', error: 'lost' },
      ]),
    [],
  )
  return {
    microphoneOn: isMicrophoneEnabled,
    cameraOn: isCameraEnabled,
    screenOn: isScreenShareEnabled,
    setMicrophone,
    setCamera,
    setScreen,
    tellScreenLost,
    problems,
    busy,
  }
}

/** Rights come from LiveKit's server after the class has decided: publishing before they are here would fail. */
async function untilMayPublish(room: Room): Promise<void> {
  const local = room.localParticipant
  if (local.permissions?.canPublish) return
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => finish(new Error('no permission to publish')), PERMISSION_MS)
    const finish = (error?: Error) => {
      clearTimeout(timer)
      local.off(ParticipantEvent.ParticipantPermissionsChanged, check)
      room.off('connected', check)
      if (error) reject(error)
      else resolve()
    }
    const check = () => {
      if (local.permissions?.canPublish) finish()
    }
    local.on(ParticipantEvent.ParticipantPermissionsChanged, check)
    room.on('connected', check)
    check()
  })
}

/** Takes everything this person publishes off, and lets go of their devices. */
export async function unpublishAll(room: Room): Promise<void> {
  const tracks = [...room.localParticipant.trackPublications.values()].flatMap(({ track }) => track ?? [])
  await room.localParticipant.unpublishTracks(tracks)
  for (const track of tracks) track.stop()
}
