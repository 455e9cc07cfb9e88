import { open, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Logger } from 'pino'
import { createLoop } from '../../../server/loop'
import { type ListedSegment, parseEnginePlaylist } from './engine-playlist'
import { type Fragment, toFragments, toInitKey } from './fragment'
import { createJournalWriter } from './journal-writer'
import { findLeadMs, GarbledJournal, JOURNAL_NAME, readJournal, type VariantName } from './own-journal'
import { createPictureCheck, type PictureState, takeSample } from './picture-check'

export type ConversionOptions = {
  /** BROADCAST_DIR/{classId}/{runId}, where the engine writes and so do we. */
  dir: string
  classId: string
  runId: string
  /** Server time, ms. */
  now(): number
  /** The engine shows our own page, whose corner says that it lives. */
  pulse: boolean
  logger: Logger
  /** Whoever wrote this journal until now has ended. */
  free: Promise<unknown>
}

/** All segments of the run; copied to us more and more seldom: every second one in the second hour, and so on. */
const WHOLE_PLAYLIST = 'index.m3u8'
/** The newest five, copied with each segment. */
const NEWEST_PLAYLIST = 'live.m3u8'
const LOOK_MS = 200
/** One frame in so many segments of 1 s is looked at: 1 % of a core. */
const SAMPLE_EVERY = 5
/** Its dates run 0.4 to 0.65 s late, fixed per run: the middle of that, taken off. */
const DATE_LATE_MS = 500

type Written = { inits: Map<string, number>; latest: number | null }
/** A segment of one variant whose files are there, and what its journal is to say. `key`: of its init. */
type Made = { variant: VariantName; key: string; init: number; lines: object[] }

export type Conversion = {
  /** Resolves when the journal is as it will be appended to: what a crash has torn is gone. */
  fit: Promise<void>
  close(): Promise<void>
}

/**
 * Turns what livekit/egress writes (an EVENT playlist of MPEG-TS segments) into the journal of a run, as our own
 * worker writes it: one part a segment. A picture that is black, frozen or not our page ends the journal; the
 * director then finds the run stale and replaces it.
 */
export function createConversion(options: ConversionOptions): Conversion {
  const { dir, classId, runId, now, logger } = options
  const written: Record<VariantName, Written> = {
    main: { inits: new Map(), latest: null },
    audio: { inits: new Map(), latest: null },
  }
  const journal = createJournalWriter(() => open(join(dir, JOURNAL_NAME), 'a'))
  const check = createPictureCheck(options.pulse)
  let next = 0
  let nextPdtMs = 0
  let leadMs = 0
  let resumed = false
  let state: 'on' | 'ended' = 'on'
  let looking: Promise<unknown> = Promise.resolve()

  const loop = createLoop(() => {
    const look = convert().catch((error: unknown) => {
      if (error instanceof GarbledJournal) {
        state = 'ended'
        logger.error({ err: error, classId, runId }, 'the journal of a run is garbled; it does not go on')
        return
      }
      logger.warn({ err: error, classId, runId }, 'a segment of the engine cannot be read; trying again')
    })
    looking = look
    return look.then(() => (state === 'on' || !journal.isFlushed() ? LOOK_MS : null))
  })

  async function convert(): Promise<void> {
    await fit
    if (!resumed) await resume()
    await journal.flush()
    if (state !== 'on') return
    const newest = await readPlaylist(NEWEST_PLAYLIST)
    const playlist = newest && newest.first <= next ? newest : await readPlaylist(WHOLE_PLAYLIST)
    if (!playlist) return
    for (const segment of playlist.segments.slice(next - playlist.first)) {
      if (state !== 'on') return
      await take(segment)
    }
    if (state !== 'on') return
    if (playlist.ended) await end('stopped')
  }

  async function readPlaylist(name: string) {
    const text = await readFile(join(dir, name), 'utf8').catch(() => null)
    return text === null ? null : parseEnginePlaylist(text)
  }

  /** What an origin before us has written of this run stands: it may have been listed. */
  async function resume(): Promise<void> {
    const before = await readJournal(dir)
    if (before?.ended) state = 'ended'
    next = before?.segments ?? 0
    leadMs = before?.leadMs ?? 0
    for (const { variant, init, file, codecs } of before?.inits ?? []) {
      const key = toInitKey({ init: await readFile(join(dir, file)), codecs })
      written[variant].inits.set(key, init)
      written[variant].latest = init
    }
    resumed = true
  }

  async function take(segment: ListedSegment): Promise<void> {
    const path = join(dir, segment.file)
    // Without dates of its own, time goes on from the segment before.
    const pdt = segment.pdtMs === null ? nextPdtMs || now() : segment.pdtMs - DATE_LATE_MS
    if (next === 0) leadMs = await findLeadMs(dirname(dir), pdt)
    const fragments = await toFragments(path, leadMs)
    const discontinuity = isNewFormat(fragments.main) && next > 0
    const made: Made[] = []
    for (const variant of ['main', 'audio'] as const) {
      made.push(await writeVariant(variant, fragments[variant], segment.seconds, pdt, discontinuity))
    }
    const head = { t: 'run', v: 1, runId, classId, egressId: '', startedAt: pdt, lead: leadMs }
    // Closed meanwhile: another may write here.
    if (state !== 'on') return
    // All of it or nothing: until here a failure leaves everything to be done again.
    journal.put([...(next === 0 ? [head] : []), ...made.flatMap(({ lines }) => lines)])
    for (const { variant, key, init } of made) {
      written[variant].inits.set(key, init)
      written[variant].latest = init
    }
    next += 1
    nextPdtMs = pdt + segment.seconds * 1000
    await journal.flush()
    if (next % SAMPLE_EVERY !== 0 && !check.doubts()) return
    const sample = await takeSample(path)
    const found: PictureState = sample ? check.take(sample) : 'alive'
    if (found === 'alive') return
    logger.warn({ classId, runId, picture: found }, 'the picture of the engine is not that of the class')
    await end('failed')
  }

  const isNewFormat = (fragment: Fragment) =>
    written.main.inits.get(toInitKey(fragment)) !== written.main.latest

  async function writeVariant(
    variant: VariantName,
    fragment: Fragment,
    seconds: number,
    pdt: number,
    discontinuity: boolean,
  ): Promise<Made> {
    const lines: object[] = []
    const { inits } = written[variant]
    const key = toInitKey(fragment)
    const init = inits.get(key) ?? inits.size
    if (!inits.has(key)) {
      const file = `${variant}-init-${init}.mp4`
      await write(file, fragment.init)
      const { codecs, width, height } = fragment
      lines.push({ t: 'init', variant, init, file, size: fragment.init.length, codecs, width, height })
    }
    const file = `${variant}-${next}.m4s`
    await write(file, fragment.media)
    const size = fragment.media.length
    const place = { variant, segment: next, file, size, duration: seconds, pdt, init, discontinuity }
    lines.push({ t: 'part', part: 0, offset: 0, independent: true, ...place }, { t: 'segment', ...place })
    return { variant, key, init, lines }
  }

  async function end(reason: 'stopped' | 'failed'): Promise<void> {
    state = 'ended'
    if (next > 0) journal.put([{ t: 'end', reason }])
    await journal.flush()
  }

  async function write(name: string, bytes: Buffer): Promise<void> {
    await writeFile(join(dir, `${name}.part`), bytes)
    await rename(join(dir, `${name}.part`), join(dir, name))
  }

  // What is wrong is met again by the first look, and told.
  const fit = options.free.then(resume).catch(() => {})
  loop.lookIn(0)
  return {
    fit,
    async close() {
      state = 'ended'
      loop.stop()
      await Promise.all([fit, looking])
    },
  }
}
