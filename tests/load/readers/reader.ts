import type { ReadPart, ReadPlaylist, ReadSegment } from '../../protocol-checks/media-playlist'
import type { Judge, Version } from './judge'
import type { Crossing } from './messages'

/** Held requests are answered within 12 s; who gets nothing for so much longer never will. */
const REQUEST_MS = 20_000
const AGAIN_MS = 50

export type Reader = {
  variant: string
  runId: string | null
  parts: number
  newestAt: number
  reads: number
  broken: number
  crossings: Crossing[]
  done: Promise<void>
}

/**
 * A player of one variant as RFC 8216bis has it: blocking reloads, delta updates, every part when it is listed (or
 * before, by its hint), every whole segment and every init segment. What it gets is judged.
 */
export function startReader(
  url: string,
  variant: string,
  hints: boolean,
  judge: Judge,
  isOver: () => boolean,
): Reader {
  const base = url.slice(0, url.lastIndexOf('/') + 1)
  const hinted = new Map<string, Promise<Buffer | null>>()
  const parts = new Map<string, Buffer>()
  const maps = new Set<string>()
  const reader: Reader = {
    ...{ variant, runId: null, parts: 0, newestAt: Date.now(), reads: 0, broken: 0 },
    crossings: [],
    done: Promise.resolve(),
  }

  async function get(name: string): Promise<{ status: number; body: Buffer } | null> {
    const patience = AbortSignal.timeout(REQUEST_MS)
    const answer = await fetch(base + name, { signal: patience }).catch(() => null)
    const body = await answer?.arrayBuffer().catch(() => null)
    if (answer && body) {
      reader.reads += 1
      return { status: answer.status, body: Buffer.from(body) }
    }
    // An answer that began and is less than it said is no broken connection.
    if (answer && !isOver() && !patience.aborted) judge.fault('torn', `${name} ended before its end`)
    else reader.broken += 1
    return null
  }

  async function multivariant(): Promise<void> {
    const answer = await get(url.slice(base.length))
    if (answer?.status === 200) judge.multivariant(answer.body.toString())
    else if (answer && !isOver()) judge.fault('missing', `${answer.status} for the multivariant playlist`)
  }

  async function media(name: string): Promise<Buffer | null> {
    const answer = await get(name)
    if (!answer || isOver()) return null
    if (answer.status !== 200) {
      judge.fault('missing', `${answer.status} for ${name}`)
      return null
    }
    judge.media(name, answer.body)
    return answer.body
  }

  /** A hint is no promise: what it names may never come. */
  async function hint(name: string): Promise<Buffer | null> {
    const answer = await get(name)
    return answer?.status === 200 ? answer.body : null
  }

  function arrive(name: string) {
    const now = Date.now()
    const runId = name.slice(0, name.indexOf('/'))
    if (reader.runId !== runId) {
      if (reader.runId !== null) {
        reader.crossings.push({
          variant,
          from: reader.runId,
          to: runId,
          gapMs: now - reader.newestAt,
          at: now,
        })
        // What there is to choose from is of the new run, now.
        void multivariant()
      }
      reader.runId = runId
      reader.parts = 0
    }
    reader.parts += 1
    reader.newestAt = now
  }

  async function part({ uri }: ReadPart): Promise<void> {
    const early = await hinted.get(uri)
    hinted.delete(uri)
    if (early) judge.media(uri, early)
    const bytes = early ?? (await media(uri))
    if (!bytes) return
    parts.set(uri, bytes)
    arrive(uri)
  }

  async function whole({ whole, parts: listed }: ReadSegment): Promise<void> {
    if (!whole) return
    const bytes = await media(whole.uri)
    const own = listed.map(({ uri }) => parts.get(uri))
    for (const { uri } of listed) parts.delete(uri)
    if (!bytes || own.length === 0 || own.some((each) => !each)) return
    if (Buffer.concat(own as Buffer[]).equals(bytes)) return
    judge.fault('torn', `${whole.uri} is not what its parts are`)
  }

  /** All that is new since the last version, in order: parts first, as they are what a player waits for. */
  async function take(before: ReadPlaylist | null, now: ReadPlaylist): Promise<void> {
    const was = new Map(before?.segments.slice(-WINDOW).map((segment) => [segment.msn, segment]))
    const from = before ? (before.segments.at(-1)?.msn ?? 0) : (now.segments.at(-1)?.msn ?? 0)
    for (const segment of now.segments.slice(-WINDOW)) {
      if (segment.msn < from || segment.gap) continue
      const old = was.get(segment.msn)
      if (segment.map !== null && !maps.has(segment.map)) {
        maps.add(segment.map)
        await media(segment.map)
      }
      await Promise.all(segment.parts.slice(old?.parts.length ?? 0).map(part))
      if (!old?.whole) await whole(segment)
    }
    if (hints && now.hint && !hinted.has(now.hint)) {
      hinted.clear()
      hinted.set(now.hint, hint(now.hint))
    }
  }

  async function read(): Promise<void> {
    let version: Version | null = null
    while (!isOver()) {
      const answer = await get(version ? toReload(variant, version.playlist) : `${variant}.m3u8`)
      if (!answer || answer.status === 503) {
        await pause()
        continue
      }
      if (isOver()) return
      if (answer.status !== 200) {
        judge.fault('missing', `${answer.status} for the playlist ${variant}`)
        version = null
        await pause()
        continue
      }
      const next = judge.playlist(answer.body.toString(), version)
      if (next) await take(version?.playlist ?? null, next.playlist)
      version = next
    }
  }

  async function start(): Promise<void> {
    await multivariant()
    await read()
  }

  reader.done = start()
  return reader
}

/** New segments are among the last few: a reader is never further behind than a playlist's parts go. */
const WINDOW = 12

const pause = () => new Promise((resolve) => setTimeout(resolve, AGAIN_MS))

/** The next part, and only what is new (RFC 8216bis, 6.2.5). */
function toReload(variant: string, { segments, firstMsn }: ReadPlaylist): string {
  const last = segments.at(-1)
  const [msn, part] =
    last && !last.whole ? [last.msn, last.parts.length] : [(last?.msn ?? firstMsn - 1) + 1, 0]
  return `${variant}.m3u8?_HLS_msn=${msn}&_HLS_part=${part}&_HLS_skip=YES`
}
