import { useCallback, useEffect, useRef, useState } from 'react'
import { toDeviceError } from './device-errors'
import { CameraError, openDevices } from './open-devices'
import type { MediaProblem } from './use-media'

export type PreviewStep = 'checking' | 'ready' | 'blocked'

/** Opens the microphone (and the camera) for their owner only; closed again when the page lets go of it. */
export function useDevicePreview(camera: boolean, tell: (step: PreviewStep, error?: string) => void) {
  const [stream, setStream] = useState<MediaStream | null>(null)
  const [asking, setAsking] = useState(false)
  const [problem, setProblem] = useState<MediaProblem | null>(null)
  /** False once the page has let go: the browser's question may be answered long after that. */
  const wanted = useRef(true)

  useEffect(() => {
    wanted.current = true
    return () => {
      wanted.current = false
    }
  }, [])

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
      const tracks = await openDevices(navigator.mediaDevices, camera, () => wanted.current)
      if (!tracks) return
      setStream(new MediaStream(tracks))
      tell('ready')
    } catch (error) {
      if (!wanted.current) return
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
