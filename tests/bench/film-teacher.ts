import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Http } from '../../scripts/demo/http'
import { createRandom } from '../../scripts/demo/random'
import { Student } from '../../scripts/demo/student'
import { createTally } from '../../scripts/demo/tally'

const run = promisify(execFile)
/** Bright for the first tenth of each second, as the publisher's beep is loud. */
const FLASHES = "drawbox=c=white:t=fill:enable='lt(mod(t,1),0.0999)'"
const FILM_SECONDS = 30

export type FlashFilm = { path: string; width: number; height: number; bitsPerSecond: number }

/** Black, with a flash at each full second. */
export async function makeFlashes(dir: string, width: number, height: number): Promise<FlashFilm> {
  const path = join(dir, `flashes-${height}.h264`)
  const black = ['-f', 'lavfi', '-i', `color=black:s=${width}x${height}:r=30`, '-t', `${FILM_SECONDS}`]
  const encoder = ['-c:v', 'libx264', '-preset', 'veryfast', '-profile:v', 'baseline', '-bf', '0', '-g', '30']
  await run('ffmpeg', ['-v', 'error', ...black, '-vf', FLASHES, ...encoder, path])
  return { path, width, height, bitsPerSecond: 0 }
}

type Registered = { personId: string; token: string }
type Joined = { livekit: { url: string; token: string } }

/** A teacher without a browser: at the gateway as any person, and with a token for a publisher of films. */
export async function enterTeacher(http: Http, gatewayUrl: string, classId: string, signal: AbortSignal) {
  const body = { name: 'Tara', role: 'teacher' }
  const person = (await http.call('POST', `/classes/${classId}/people`, { body })) as Registered
  const identity = { name: 'Tara', language: 'en', externalId: 'tara' }
  const deps = { http, gatewayUrl, classId, identity, random: createRandom(1), tally: createTally() }
  const teacher = new Student({ ...deps, onYou: () => {} }, person)
  const present = teacher.live(signal)
  await teacher.settled
  const path = `/classes/${classId}/join`
  const { livekit } = (await http.call('POST', path, { token: person.token, body: {} })) as Joined
  return { present, livekit }
}
