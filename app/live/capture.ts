/**
 * How the camera is captured and in which layers it is sent. From the page's `?capture=`:
 * nothing: 720p with 540p and 216p below; `hq`: 2160p with 1080p and 720p below;
 * `WIDTHxHEIGHTxFPS`, for instance `480x270x15`: low-power capture, for weak machines and tests.
 */
export type Layer = { width: number; height: number; fps: number; bitsPerSecond: number }
export type Capture = { camera: Layer; below: readonly Layer[] }

const layer = (width: number, height: number, fps: number, bitsPerSecond: number): Layer => ({
  width,
  height,
  fps,
  bitsPerSecond,
})

/** The bit rates of LiveKit's presets for these sizes, which were tuned for WebRTC encoders. */
export const standardCapture: Capture = {
  camera: layer(1280, 720, 30, 1_700_000),
  below: [layer(384, 216, 15, 180_000), layer(960, 540, 25, 800_000)],
}
export const highQualityCapture: Capture = {
  camera: layer(3840, 2160, 30, 8_000_000),
  below: [layer(1280, 720, 30, 1_700_000), layer(1920, 1080, 30, 3_000_000)],
}

/** An encoder needs about that much for a pixel of a talking head. */
const BITS_PER_PIXEL = 0.07

export function parseCapture(wanted: string | null): Capture {
  if (wanted === 'hq') return highQualityCapture
  const match = /^(\d{2,4})x(\d{2,4})x(\d{1,2})$/.exec(wanted ?? '')
  if (!match) return standardCapture
  const [width = 0, height = 0, fps = 0] = match.slice(1).map(Number)
  if (width === 0 || height === 0 || fps === 0) return standardCapture
  const sized = (w: number, h: number) =>
    layer(w, h, fps, Math.max(60_000, Math.round(w * h * fps * BITS_PER_PIXEL)))
  return { camera: sized(width, height), below: [sized(Math.round(width / 2), Math.round(height / 2))] }
}
