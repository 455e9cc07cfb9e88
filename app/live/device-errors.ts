/** Why a microphone, camera or screen could not be had; the words are in the messages, under `devices`. */
export type DeviceError = 'denied' | 'missing' | 'busy' | 'insecure' | 'failed'

/** The names that getUserMedia and getDisplayMedia fail with (Media Capture and Streams, W3C). */
export function toDeviceError(error: unknown): DeviceError {
  const name = error instanceof Error ? error.name : ''
  switch (name) {
    case 'NotAllowedError':
    case 'PermissionDeniedError':
      return 'denied'
    case 'NotFoundError':
    case 'DevicesNotFoundError':
    case 'OverconstrainedError':
      return 'missing'
    case 'NotReadableError':
    case 'TrackStartError':
    case 'AbortError':
      return 'busy'
    case 'SecurityError':
    case 'TypeError':
    case 'DeviceUnsupportedError':
      return 'insecure'
    default:
      return 'failed'
  }
}
