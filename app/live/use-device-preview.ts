import { useCallback, useEffect, useState } from 'react'
import { toDeviceError } from './device-errors'
import type { MediaProblem } from './use-media'

export type PreviewStep = 'checking' | 'ready' | 'blocked'

/** Opens the microphone (and the camera) for their owner only; closed again when the page lets go of it. */
export function useDevicePreview(camera: boolean, tell: (step: PreviewStep, error?: string) => void) {
  const [stream, setStream] = useState<MediaStream | null>(null)
  const [asking, setAsking] = useState(false)
  const [problem, setProblem] = useState<MediaProblem | null>(null)

  useEffect(() => {
    return () => {
      for (const track of stream?.getTracks() ?? []) track.stop()
    }
  }, [stream])

  async function start(): Promise<void> {
    setAsking(true)
    setProblem(null)
    tell('checking')
    try {
      setStream(await openDevices(camera))
      tell('ready')
    } catch (error) {
      const device = camera && error instanceof CameraError ? 'camera' : 'microphone'
      const why = toDeviceError(error instanceof CameraError ? error.cause : error)
      setProblem({ device, error: why })
      tell('blocked', `${device}: ${why}`)
    } finally {
      setAsking(false)
    }
  }

  const showIn = useCallback(
    (video: HTMLVideoElement | null) => {
      if (video && video.srcObject !== stream) video.srcObject = stream
    },
    [stream],
  )
  return { state: asking ? ('asking' as const) : ('idle' as const), stream, problem, start, showIn }
}

class CameraError extends Error {}

/** One after the other, so that it is known which of the two could not be had. */
async function openDevices(camera: boolean): Promise<MediaStream> {
  const sound = await navigator.mediaDevices.getUserMedia({ audio: true })
  if (!camera) return sound
  try {
    const picture = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 360 } })
    return new MediaStream([...sound.getTracks(), ...picture.getTracks()])
  } catch (cause) {
    for (const track of sound.getTracks()) track.stop()
    throw new CameraError('no camera', { cause })
  }
}
