import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'

/** A segment as CMAF: the bytes of its init segment, of its media, and what the init says. */
export type Fragment = { init: Buffer; media: Buffer; codecs: string; width?: number; height?: number }

const LONGEST_MS = 10_000
const container = [
  ...['-bsf:a', 'aac_adtstoasc', '-avoid_negative_ts', 'disabled', '-use_editlist', '0'],
  // The sound's configuration is known with its first frame: without it no browser takes the init segment.
  ...['-movflags', 'empty_moov+delay_moov+default_base_moof+frag_discont+skip_trailer', '-f', 'mp4'],
]

/** Read as nothing but MPEG-TS: ffmpeg would take a playlist by that name for one, and read what that leads to. */
export const toInput = (path: string) => ['-f', 'mpegts', '-i', path]

/**
 * Copies an MPEG-TS segment into a fragment with its own times, `leadMs` later, and its sound alone into another:
 * nothing is coded anew, nothing depends on the segments before. Throws if it is none.
 */
export async function toFragments(
  path: string,
  leadMs: number,
): Promise<{ main: Fragment; audio: Fragment }> {
  const input = ['-hide_banner', '-nostdin', '-loglevel', 'error', '-copyts', ...toInput(path)]
  const copy = ['-c', 'copy', '-output_ts_offset', `${leadMs}ms`, ...container]
  const main = ['-map', '0:v:0', '-map', '0:a:0', ...copy, 'pipe:1']
  const audio = ['-map', '0:a:0', ...copy, 'pipe:3']
  const child = spawn('ffmpeg', [...input, ...main, ...audio], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    timeout: LONGEST_MS,
    killSignal: 'SIGKILL',
  })
  // Where no descriptor is left there are no pipes: its error comes instead.
  await once(child, 'spawn')
  const [both, sound, words] = [child.stdio[1], child.stdio[3], child.stdio[2]].map((stream) =>
    readAll(stream as Readable),
  )
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`ffmpeg ended with ${code}: ${(await words)?.toString().trim()}`)
  return { main: toFragment(await both), audio: toFragment(await sound) }
}

async function readAll(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks)
}

function toFragment(bytes: Buffer | undefined): Fragment {
  const start = bytes ? findBox(bytes, 'moof') : -1
  if (!bytes || start < 0) throw new Error('no media in this segment')
  const init = bytes.subarray(0, start)
  return { init, media: bytes.subarray(start), ...readInit(init) }
}

/** Where the first box of that type at the top level begins (ISO 14496-12, 4.2). */
function findBox(bytes: Buffer, type: string): number {
  for (let start = 0; start + 8 <= bytes.length; ) {
    if (bytes.toString('latin1', start + 4, start + 8) === type) return start
    const size = bytes.readUInt32BE(start)
    if (size < 8) return -1
    start += size
  }
  return -1
}

/** Size of the visual sample entry's fields before and after its size in pixels (ISO 14496-12, 12.1.3). */
const BEFORE_WIDTH = 28
const AAC_LC = 'mp4a.40.2'

function readInit(init: Buffer): Pick<Fragment, 'codecs' | 'width' | 'height'> {
  const entry = init.indexOf('avc1', 0, 'latin1')
  const config = init.indexOf('avcC', 0, 'latin1')
  if (entry < 0 || config < 0) return { codecs: AAC_LC }
  const profile = init.subarray(config + 5, config + 8).toString('hex')
  const width = init.readUInt16BE(entry + BEFORE_WIDTH)
  const height = init.readUInt16BE(entry + BEFORE_WIDTH + 2)
  return { codecs: `avc1.${profile},${AAC_LC}`, width, height }
}

/** What decides whether two segments need the same init: the parameter sets; the rest is bit rates. */
export function toInitKey({ init, codecs }: Pick<Fragment, 'init' | 'codecs'>): string {
  const config = init.indexOf('avcC', 0, 'latin1')
  if (config < 4) return codecs
  return init.subarray(config, config - 4 + init.readUInt32BE(config - 4)).toString('base64')
}
