import type { RoomOptions, ScreenShareCaptureOptions, TrackPublishOptions } from 'livekit-client'
import { VideoPreset } from 'livekit-client'
import type { Capture, Layer } from './capture'

const toPreset = ({ width, height, bitsPerSecond, fps }: Layer) =>
  new VideoPreset(width, height, bitsPerSecond, fps)

/** Text stays readable at that rate; pixels matter more than frames. */
const screenEncoding = { maxBitrate: 2_500_000, maxFramerate: 15 }

/**
 * Below it the frame rate goes first and the resolution last: 16 px text must be readable for who has least. Sorted
 * by bit rate, as livekit-client does; each encoder gives a still page all its bits.
 */
const screenLayers = [new VideoPreset(1280, 720, 250_000, 3), new VideoPreset(1920, 1080, 700_000, 5)]

/**
 * H.264 only and without DTX, because the broadcast passes on what is published without transcoding: every layer is
 * a rendition, and sound must not pause.
 */
export function toRoomOptions(capture: Capture): RoomOptions {
  const camera = toPreset(capture.camera)
  const publishDefaults: TrackPublishOptions = {
    videoCodec: 'h264',
    backupCodec: false,
    simulcast: true,
    videoEncoding: camera.encoding,
    videoSimulcastLayers: capture.below.map(toPreset),
    screenShareEncoding: screenEncoding,
    screenShareSimulcastLayers: screenLayers,
    red: true,
    dtx: false,
  }
  return {
    adaptiveStream: true,
    dynacast: true,
    disconnectOnPageLeave: true,
    stopLocalTrackOnUnpublish: true,
    videoCaptureDefaults: { resolution: camera.resolution },
    audioCaptureDefaults: { echoCancellation: true, noiseSuppression: true, autoGainControl: true },
    publishDefaults,
  }
}

export const screenShareOptions: ScreenShareCaptureOptions = {
  audio: true,
  contentHint: 'text',
  resolution: { width: 1920, height: 1080, frameRate: 15 },
  selfBrowserSurface: 'exclude',
  surfaceSwitching: 'include',
  systemAudio: 'include',
}
