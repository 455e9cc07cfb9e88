import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import { isRunning } from '../plan'
import { answerMedia, answerRendered, type Problem, problems } from './answer'
import type { ByteCache } from './byte-cache'
import { hasReplay, isFollowed, isKept } from './kept'
import { HOLD_MS, SLOWEST_MS, START_HOLD_MS } from './limits'
import { findInit, type Media, toOpen, type Visit } from './media'
import type { PlaylistForm } from './media-playlist'
import type { Metrics } from './metrics'
import { MULTIVARIANT_NAME, type Resource, toInitName, toPartName, toSegmentName } from './names'
import { MissingBytes, type PartSource } from './part-source'
import { isReached, isTooFar, type Reload } from './reload'
import type { Timeline } from './timeline'
import type { Holder, TokenCount } from './token-count'
import { readQuery } from './watch-path'

/** One request of a viewer whose token is good. `holder` is what held requests are counted by. */
export type Viewing = Visit & {
  request: IncomingMessage
  response: ServerResponse
  query: string
  holder: Holder
}

const forms = { no: 'live', segments: 'delta', dates: 'delta-dates' } as const

/** A whole class's segment never comes near this; a record that says more is not believed. */
const MOST_BYTES = 64 * 1024 * 1024

export function createViewer(
  source: PartSource,
  cache: ByteCache,
  held: TokenCount,
  sending: TokenCount,
  metrics: Metrics,
  logger: Logger,
  { holdMs = HOLD_MS, slowestMs = SLOWEST_MS }: { holdMs?: number; slowestMs?: number },
) {
  /** Null: go on. Otherwise why not; 'gone': nobody is there to be answered. */
  function hold(
    { broadcast, holder, request }: Viewing,
    key: string,
    isSettled: () => boolean,
    ms = holdMs,
  ): Problem | null | Promise<Problem | 'gone' | null> {
    if (isSettled()) return null
    const refused = held.count(holder)
    // A class may have its share at once: that is no single viewer's doing.
    if (refused)
      return refused === 'holder' && holder.kind === 'viewer' ? problems.tooManyHeld : problems.full
    return new Promise((resolve) => {
      const takeBack = broadcast.holds.hold(key, isSettled, ms, (outcome) => {
        request.socket.off('close', onClose)
        held.release(holder)
        if (outcome === 'timeout') metrics.heldTimeouts += 1
        resolve(outcome === 'changed' ? null : problems.heldTooLong)
      })
      function onClose() {
        takeBack()
        held.release(holder)
        resolve('gone')
      }
      // Of the socket: a response that queues behind another on it is not told of its end.
      request.socket.once('close', onClose)
    })
  }

  async function playlist(viewing: Viewing, variant: string, whole: boolean): Promise<Problem | null> {
    const { broadcast, request, response } = viewing
    const found = findPlaylist(viewing, variant, whole)
    if ('status' in found) return found
    if ('until' in found) {
      const { until } = found
      const key = `${variant} ${until.msn} ${until.part}`
      const refused = await hold(viewing, key, () => isReached(broadcast.timeline(), variant, until))
      if (refused) return refused === 'gone' ? null : refused
    }
    metrics.bytes += answerRendered(request, response, broadcast.playlist(variant, found.form))
    return null
  }

  /** Who comes while the broadcast begins waits for it here: asking once a second would cost half a second more. */
  async function multivariant(viewing: Viewing): Promise<Problem | null> {
    const { broadcast, request, response, opens, now } = viewing
    const timeline = broadcast.timeline()
    if (!isFollowed(timeline, opens, now) && !hasReplay(timeline)) return toAbsence(timeline)
    const isSettled = () => {
      const plan = broadcast.plan()
      return broadcast.isStarted() || !plan || !isRunning(plan)
    }
    const refused = await hold(viewing, MULTIVARIANT_NAME, isSettled, Math.min(holdMs, START_HOLD_MS))
    if (refused === 'gone') return null
    if (refused && refused !== problems.heldTooLong) return refused
    const rendered = broadcast.multivariant()
    if (!rendered) return problems.notStarted
    metrics.bytes += answerRendered(request, response, rendered)
    return null
  }

  async function part(viewing: Viewing, resource: Resource & { kind: 'part' }): Promise<Problem | null> {
    const { runId, variant, number, part: index } = resource
    const { broadcast } = viewing
    const findOpen = () => toOpen(viewing, variant, broadcast.findSegment(runId, variant, number))
    const find = () => findOpen()?.parts[index]
    const name = toPartName(runId, variant, number, index)
    const isSettled = () => find() !== undefined || !broadcast.isHinted(runId, variant, number, index)
    const refused = await hold(viewing, name, isSettled)
    if (refused) return refused === 'gone' ? null : refused
    const segment = findOpen()
    const found = find()
    if (!segment || !found) return problems.notFound
    const { init, file } = segment
    return bytes(viewing, { name, runId, header: init, file, offset: found.offset, size: found.size, number })
  }

  function segment(viewing: Viewing, resource: Resource & { kind: 'segment' }): Promise<Problem | null> {
    const { runId, variant, number } = resource
    const found = toOpen(viewing, variant, viewing.broadcast.findWhole(runId, variant, number))
    if (!found) return Promise.resolve(problems.notFound)
    const name = toSegmentName(runId, variant, number)
    const { init, file, bytes: size } = found
    return bytes(viewing, { name, runId, header: init, file, offset: 0, size, number })
  }

  function init(viewing: Viewing, resource: Resource & { kind: 'init' }): Promise<Problem | null> {
    const { runId, variant, init: number } = resource
    const found = findInit(viewing, runId, variant, number)
    if (!found) return Promise.resolve(problems.notFound)
    const name = toInitName(runId, variant, number)
    const { header, number: segment } = found
    const { file, size } = header
    return bytes(viewing, { name, runId, header, file, offset: 0, size, number: segment })
  }

  async function bytes(viewing: Viewing, media: Media): Promise<Problem | null> {
    const { name, runId, header, file, offset, size, number } = media
    if (size > MOST_BYTES) return problems.notFound
    if (sending.count(viewing.holder)) return problems.tooManySent
    const cutOff = () => {
      metrics.cutOff += 1
      viewing.request.socket.destroy()
    }
    const timer = setTimeout(cutOff, slowestMs)
    whenOver(viewing, () => {
      clearTimeout(timer)
      sending.release(viewing.holder)
    })
    const { classId } = viewing.broadcast
    const load = () =>
      cache.read(`${classId} ${name} ${size}`, size, () => source.read(classId, runId, file, offset, size))
    const etag = `"${name.replaceAll('/', '.')}.${size}"`
    const type = header.width === undefined ? 'audio/mp4' : 'video/mp4'
    const timeline = viewing.broadcast.timeline()
    const left = isKept(timeline, { runId, number }) ? 'kept' : 'leaving'
    const stage = timeline.ended ? left : 'live'
    try {
      metrics.bytes += await answerMedia(viewing.request, viewing.response, { etag, type, size, stage, load })
      return null
    } catch (fault) {
      if (!(fault instanceof MissingBytes)) throw fault
      metrics.missingMedia += 1
      logger.error({ classId, err: fault }, 'media that the journal speaks of are lost')
      viewing.broadcast.markMissing(runId, file)
      return problems.missing
    }
  }

  /** Answers, or returns what is wrong; null also if nobody is there to be answered. */
  function view(viewing: Viewing, resource: Resource): Promise<Problem | null> {
    // Whoever left while the token was looked at: of their end nobody will be told again, and what is counted stays so.
    if (viewing.request.socket.destroyed) return Promise.resolve(null)
    switch (resource.kind) {
      case 'multivariant':
        return multivariant(viewing)
      case 'playlist':
        return playlist(viewing, resource.variant, resource.whole)
      case 'part':
        return part(viewing, resource)
      case 'segment':
        return segment(viewing, resource)
      case 'init':
        return init(viewing, resource)
    }
  }

  /** Answers at once if it is a playlist that can be had at once; false: `view` must. */
  function viewAtOnce(viewing: Viewing, resource: Resource): boolean {
    if (resource.kind !== 'playlist') return false
    const found = findPlaylist(viewing, resource.variant, resource.whole)
    if ('status' in found || 'until' in found) return false
    const { broadcast, request, response } = viewing
    metrics.bytes += answerRendered(request, response, broadcast.playlist(resource.variant, found.form))
    return true
  }

  return { view, viewAtOnce }
}

/** Once, when all is sent or the connection is lost. */
function whenOver({ request, response }: Viewing, onOver: () => void) {
  const { socket } = request
  function finish() {
    socket.off('close', finish)
    response.off('close', finish)
    onOver()
  }
  socket.once('close', finish)
  response.once('close', finish)
}

type Found = Problem | { form: PlaylistForm } | { form: PlaylistForm; until: NonNullable<Reload['until']> }

/** In which form a playlist is asked for, and what must come before; or why it cannot be had. */
function findPlaylist({ broadcast, query, opens, now }: Viewing, variant: string, whole: boolean): Found {
  const reload = readQuery(query)
  if (!reload) return problems.badReload
  const { until, skip } = reload
  const timeline = broadcast.timeline()
  if (!broadcast.isStarted()) return problems.notStarted
  if (!timeline.variants.includes(variant)) return problems.notFound
  if (whole) return hasReplay(timeline) ? { form: 'replay' } : problems.notFound
  if (!isFollowed(timeline, opens, now)) return toAbsence(timeline)
  const form = forms[skip]
  if (!until) return { form }
  if (isTooFar(timeline, variant, until)) return problems.badReload
  return isReached(timeline, variant, until) ? { form } : { form, until }
}

/** The replay of a class that is just being wound up will be there in a moment. */
const toAbsence = ({ ended }: Timeline) => (ended ? problems.notFound : problems.notStarted)

export type Viewer = ReturnType<typeof createViewer>
