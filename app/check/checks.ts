import { toDeviceError } from '~/live/device-errors'

export const checkNames = ['camera', 'microphone', 'udp', 'tcp', 'turn', 'h264', 'hls', 'clock'] as const
type ConnectionCheck = 'udp' | 'tcp' | 'turn'
export type CheckName = (typeof checkNames)[number]
/** `words`: a key of the messages under `check.advice`, or `devices`. */
export type CheckResult = { outcome: 'ok' | 'problem' | 'unknown'; words: string; seconds?: number }

const ok = (words: string): CheckResult => ({ outcome: 'ok', words })
const problem = (words: string): CheckResult => ({ outcome: 'problem', words })

async function checkDevice(constraints: MediaStreamConstraints): Promise<CheckResult> {
  try {
    const stream = await navigator.mediaDevices.getUserMedia(constraints)
    for (const track of stream.getTracks()) track.stop()
    return ok('works')
  } catch (error) {
    return problem(toDeviceError(error))
  }
}

/** What the class is published in: Firefox loads its encoder from elsewhere, which a school's network may forbid. */
function checkH264(): CheckResult {
  const codecs = RTCRtpSender.getCapabilities('video')?.codecs ?? []
  return codecs.some(({ mimeType }) => mimeType.toLowerCase() === 'video/h264')
    ? ok('works')
    : problem('h264')
}

const BROADCAST_TYPE = 'video/mp4; codecs="avc1.42c01f,mp4a.40.2"'

function checkHls(): CheckResult {
  const viaMse = typeof MediaSource !== 'undefined' && MediaSource.isTypeSupported(BROADCAST_TYPE)
  const native = document.createElement('video').canPlayType('application/vnd.apple.mpegurl') !== ''
  return viaMse || native ? ok('works') : problem('hls')
}

/** The page corrects for a wrong clock; but sign-in and certificates suffer when it is wrong by minutes. */
const CLOCK_TOLERANCE_MS = 60_000

async function checkClock(): Promise<CheckResult> {
  const before = Date.now()
  const response = await fetch('/healthz', { cache: 'no-store' })
  const here = (before + Date.now()) / 2
  // The header has whole seconds, cut off.
  const there = Date.parse(response.headers.get('date') ?? '') + 500
  if (!Number.isFinite(there)) return { outcome: 'unknown', words: 'unknown' }
  const offMs = Math.abs(here - there)
  const seconds = Math.round(offMs / 1_000)
  if (offMs > CLOCK_TOLERANCE_MS) return { outcome: 'problem', words: 'clock', seconds }
  return ok('works')
}

const local: Record<Exclude<CheckName, ConnectionCheck>, () => Promise<CheckResult> | CheckResult> = {
  camera: () => checkDevice({ video: true }),
  microphone: () => checkDevice({ audio: true }),
  h264: checkH264,
  hls: checkHls,
  clock: checkClock,
}

/** Tells every result as soon as it is there. */
export function runChecks(tell: (name: CheckName, result: CheckResult) => void): void {
  for (const [name, check] of Object.entries(local) as [keyof typeof local, () => CheckResult][]) {
    Promise.resolve()
      .then(check)
      .catch((): CheckResult => ({ outcome: 'unknown', words: 'unknown' }))
      .then((result) => tell(name, result))
  }
  void import('./connection').then(({ checkConnection }) => checkConnection(tell))
}
