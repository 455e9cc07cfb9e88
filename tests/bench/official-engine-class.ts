import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { OfficialEngine } from '../../scripts/official-engine/engine'
import { waitUntil } from '../../scripts/stack/wait-until'
import { readMediaPlaylist } from '../protocol-checks/media-playlist'
import { checkPlaylist } from '../protocol-checks/playlist-validator'
import type { Film } from '../support/go-publisher'
import { quantile } from './report'
import { readFirstStamp } from './stamped-film'

/** The lateness of dates is fixed for a run: these outvote what a stutter does to one. */
const DATED_SEGMENTS = 10

/** A teacher's camera; `beganAt`: when its first frame was sent, this machine's clock, ms. */
export async function publish(program: string, to: { url: string; token: string }, films: readonly Film[]) {
  const best = films.at(-1)
  if (!best) throw new Error('no film')
  const lower = films.slice(0, -1).map(({ path, width, height }) => `${path}:${width}x${height}`)
  const args = ['-url', to.url, '-token', to.token, '-picture', best.path, '-lower', lower.join(',')]
  const publisher = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  const [words] = await once(publisher.stderr, 'data')
  const beganAt = Number(/at (\d+)/.exec(String(words))?.[1])
  if (!beganAt) throw new Error(`the publisher does not say when it began: ${words}`)
  return { publisher, beganAt }
}

/** The HTTP API for one class. */
export function createCaller(url: string, key: string, classId: string) {
  const call = async (path: string, body: object, bearer = key) => {
    const response = await fetch(`${url}/api/v1/classes/${classId}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
    return response.json()
  }
  const join = async (role: string) => {
    const { token } = await call('/people', { name: `A ${role}`, role })
    return call('/join', {}, token)
  }
  return {
    post: call,
    livekit: async (): Promise<{ url: string; token: string }> => (await join('teacher')).livekit,
    playlistUrl: async (): Promise<string> =>
      (await join('student')).broadcast.playlistUrl.replace('index.m3u8', 'main.m3u8'),
  }
}

/** Reads the playlist as a player does, checks each version of it, and counts the discontinuities. */
export function readForever(url: string, signal: AbortSignal) {
  let breaks = 0
  let illegal = 0
  const read = async () => {
    const response = await fetch(url, { signal })
    if (!response.ok) return
    const text = await response.text()
    const playlist = readMediaPlaylist(text)
    const problems = checkPlaylist(playlist)
    if (problems.length > 0) console.error(problems)
    illegal += problems.length
    breaks = text.split('#EXT-X-DISCONTINUITY\n').length - 1
  }
  void waitUntil(() => read().then(() => false), Number.POSITIVE_INFINITY, signal)
  return { breaks: () => breaks, illegal: () => illegal }
}

/** `handler`: the process of the class; `chrome`: its browser; `still`: its browser does nothing any more. */
export function breakEngine(engine: OfficialEngine, fault: string): void {
  const wanted = fault === 'handler' ? /^egress\0run-handler/ : /^\S*\/chrom/
  for (const pid of engine.descendants()) {
    if (wanted.test(readCommand(pid))) process.kill(pid, fault === 'still' ? 'SIGSTOP' : 'SIGKILL')
  }
}

function readCommand(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}

type Part = { t: string; variant?: string; segment?: number; pdt?: number }

/** How much later than its picture was made a segment of the engine is dated by the origin. */
export async function measureDates(
  broadcastDir: string,
  classId: string,
  film: { beganAt: number; lengthMs: number },
) {
  const runId = (await readdir(join(broadcastDir, classId)))[0] ?? ''
  const runDir = join(broadcastDir, classId, runId)
  const lines: Part[] = (await readFile(join(runDir, 'journal.ndjson'), 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  const segments = lines
    .filter(({ t, variant }) => t === 'segment' && variant === 'main')
    .slice(-DATED_SEGMENTS)
  const late: number[] = []
  for (const { segment = 0, pdt = 0 } of segments) {
    const stamp = await readFirstStamp(join(runDir, `seg_${String(segment).padStart(5, '0')}.ts`))
    if (stamp === null) continue
    const apart = (pdt - film.beganAt - stamp) % film.lengthMs
    late.push(apart > film.lengthMs / 2 ? apart - film.lengthMs : apart)
  }
  return quantile(late, 0.5)
}
