import { type Http, HttpProblem } from './http'
import { pause } from './pause'
import { type Edge, findMediaPlaylist, readEdge, toReload } from './playlist'
import type { Random } from './random'
import type { Student } from './student'
import type { Tally } from './tally'

/** What one machine can ask besides serving itself: beyond, each player waits for several parts at once. */
const RELOADS_PER_SECOND = 200
/** Parts are about 0.23 s long, a segment has nine. */
const PARTS_PER_SECOND = 4.4
const PARTS_A_SEGMENT = 9
/** So many that, with one reload a segment each, the rate above is kept. Whoever comes later does without a player. */
const PLAYERS_LIMIT = 400
/** One part of nine seconds' worth: media of a crowd would only measure this machine. */
const PART_EVERY_MS = 10_000
/** "Not started yet" and "stalled" come with Retry-After of 1 s. */
const RETRY_MS = 1_000

export type Players = {
  readonly watching: number
  /** Starts or ends the student's player, as their `you` says. */
  follow(student: Student): void
}

/** The players of those in overflow: low-latency playlists by blocking reload, hardly any media. */
export function createPlayers(deps: {
  http: Http
  random: Random
  tally: Tally
  signal: AbortSignal
}): Players {
  const { http, random, tally, signal } = deps
  const running = new Map<Student, AbortController>()
  const partsAhead = () =>
    Math.min(PARTS_A_SEGMENT, Math.max(1, Math.ceil((running.size * PARTS_PER_SECOND) / RELOADS_PER_SECOND)))

  /** Plays until `off`, or until the class is over. */
  async function play(student: Student, off: AbortSignal): Promise<void> {
    while (!off.aborted) {
      const index = student.you?.broadcast?.playlistUrl
      try {
        if (index && (await watch(student, index, off)) === 'ended') return
      } catch (error) {
        if (off.aborted) return
        if (!isWaited(error)) tally.fail(error instanceof HttpProblem ? error.code : 'player')
      }
      await pause(RETRY_MS * random.between(1, 2), off)
    }
  }

  async function watch(student: Student, indexUrl: string, off: AbortSignal): Promise<'ended'> {
    const media = findMediaPlaylist(await http.fetch(indexUrl, off))
    if (media === null) throw new Error('no multivariant playlist')
    const url = new URL(media, indexUrl).href
    let edge: Edge | null = null
    let partAt = performance.now() + random.between(0, PART_EVERY_MS)
    for (;;) {
      edge = readEdge(await http.fetch(edge ? toReload(url, edge, partsAhead()) : url, off))
      if (!edge) throw new Error('no media playlist')
      tally.count('reloads')
      student.sawAt = edge.showsAt ?? undefined
      if (edge.ended) return 'ended'
      if (edge.newestPart && performance.now() >= partAt) {
        await http.fetch(new URL(edge.newestPart, url).href, off, 'drop')
        tally.count('parts')
        partAt = performance.now() + PART_EVERY_MS
      }
    }
  }

  return {
    get watching() {
      return running.size
    },
    follow(student) {
      const player = running.get(student)
      const wanted = student.you?.broadcast !== undefined && !signal.aborted
      if (!wanted) player?.abort()
      if (!wanted || player || running.size >= PLAYERS_LIMIT) return
      const controller = new AbortController()
      running.set(student, controller)
      const stop = () => controller.abort()
      signal.addEventListener('abort', stop)
      play(student, controller.signal).finally(() => {
        student.sawAt = undefined
        running.delete(student)
        signal.removeEventListener('abort', stop)
      })
    },
  }
}

/** What a player waits through: nothing to play at the moment. */
const isWaited = (error: unknown): boolean =>
  error instanceof HttpProblem && ['broadcast_not_started', 'broadcast_stalled'].includes(error.code)
