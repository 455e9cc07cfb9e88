import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** One packet of a stream as it came out of the demuxer, seconds of media time. */
export type Packet = { stream: number; at: number }
export type Reading = { packets: Packet[]; complaints: string[]; code: number | null }

/**
 * What ffmpeg says of every HLS stream whose init segment changes: it reads the first one and skips the others
 * (libavformat/mov.c); key frames carry their parameter sets for its sake. And how it abbreviates.
 */
const UPSTREAM = [/^\[mov,.*\] Found duplicated MOOV Atom. Skipped it$/, /^Last message repeated \d+ times$/]
/** What it says of a segment that is marked with EXT-X-GAP, which it does not know. */
const OF_GAPS = [
  /^\[http @ .*\] HTTP error 404 Not Found$/,
  /^\[hls @ .*\] Failed to open segment \d+ of playlist \d+$/,
  /^\[hls @ .*\] keepalive request failed for '.*' with error: 'Server returned 404 Not Found'/,
]

/** Whether it is one of those; the sound alone has a gap where a worker died before its first part. */
export const isOfGap = (line: string) => OF_GAPS.some((pattern) => pattern.test(line))

/** A playlist read to its end: every packet, and every picture and sound decoded; the first fault ends it. */
export function readWithFfmpeg(
  url: string,
  { from = 0 } = {},
): { done: Promise<Reading>; packets: Packet[] } {
  const strict = ['-xerror', '-err_detect', 'explode', '-copyts']
  const input = ['-live_start_index', `${from}`, '-i', url]
  const streams = ['-map', '0:v?', '-map', '0:a?']
  const packetsOut = [...streams, '-c', 'copy', '-f', 'framecrc', 'pipe:1']
  // Pictures keep their own times: ffmpeg would move them to a frame rate that it guesses.
  const decoded = [...streams, '-fps_mode', 'passthrough', '-enc_time_base:v', '1:90000', '-f', 'null', '-']
  const args = ['-hide_banner', '-nostdin', '-v', 'warning', ...strict, ...input, ...packetsOut, ...decoded]
  const child = spawn('ffmpeg', args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const packets: Packet[] = []
  const timeBases: number[] = []
  onLines(child.stdout, (line) => {
    const base = /^#tb (\d+): (\d+)\/(\d+)/.exec(line)
    if (base) timeBases[Number(base[1])] = Number(base[2]) / Number(base[3])
    if (line.startsWith('#')) return
    const [stream = 0, , at = 0] = line.split(',').map(Number)
    packets.push({ stream, at: at * (timeBases[stream] ?? 0) })
  })
  const complaints: string[] = []
  onLines(child.stderr, (text) => {
    const line = text.trim()
    if (line !== '' && !UPSTREAM.some((pattern) => pattern.test(line))) complaints.push(line)
  })
  const done = once(child, 'close').then(([code]) => ({ packets, complaints, code }))
  return { done, packets }
}

function onLines(stream: NodeJS.ReadableStream, take: (line: string) => void) {
  let rest = ''
  stream.on('data', (data) => {
    const lines = (rest + String(data)).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) take(line)
  })
}
