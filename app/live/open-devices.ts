/** What could not be had is the camera; the microphone was closed again. */
export class CameraError extends Error {}

/**
 * One after the other, so that it is known which of the two could not be had. The browser may ask for minutes: who is
 * no longer `wanted` by then gets null, and nothing stays open.
 */
export async function openDevices(
  devices: Pick<MediaDevices, 'getUserMedia'>,
  camera: boolean,
  wanted: () => boolean,
): Promise<MediaStreamTrack[] | null> {
  const sound = (await devices.getUserMedia({ audio: true })).getTracks()
  if (!wanted()) return closed(sound)
  if (!camera) return sound
  try {
    const picture = await devices.getUserMedia({ video: { width: 640, height: 360 } })
    const tracks = [...sound, ...picture.getTracks()]
    return wanted() ? tracks : closed(tracks)
  } catch (cause) {
    closed(sound)
    throw new CameraError('no camera', { cause })
  }
}

function closed(tracks: readonly MediaStreamTrack[]): null {
  for (const track of tracks) track.stop()
  return null
}
