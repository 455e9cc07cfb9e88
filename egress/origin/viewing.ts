import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import { isRunning } from '../plan'
import { answerMedia, answerRendered, type Problem, problems } from './answer'
import type { Broadcast } from './broadcast'
import type { ByteCache } from './byte-cache'
import type { InitLine } from './journal'
import { HOLD_MS, START_HOLD_MS } from './limits'
import type { PlaylistForm } from './media-playlist'
import type { Metrics } from './metrics'
import { MULTIVARIANT_NAME, type Resource, toInitName, toPartName, toSegmentName } from './names'
import { MissingBytes, type PartSource } from './part-source'
import { isReached, isTooFar, type Reload } from './reload'
import type { TokenCount } from './token-count'
import { readQuery } from './watch-path'

/** One request of a viewer whose token is good. `holder` is what held requests are counted by; null: not at all. */
export type Viewing = {
  request: IncomingMessage
  response: ServerResponse
  broadcast: Broadcast
  query: string
  holder: string | null
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
  holdMs = HOLD_MS,
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
    if (refused) return refused === 'total' ? problems.full : problems.tooManyHeld
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
    const { broadcast, request, response, query } = viewing
    const found = findPlaylist(broadcast, variant, whole, query)
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
    const { broadcast, request, response } = viewing
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

  async function chapters({ broadcast, request, response }: Viewing): Promise<null> {
    metrics.bytes += answerRendered(request, response, broadcast.chapters())
    return null
  }

  async function part(viewing: Viewing, resource: Resource & { kind: 'part' }): Promise<Problem | null> {
    const { runId, variant, number, part: index } = resource
    const { broadcast } = viewing
    const find = () => broadcast.findSegment(runId, variant, number)?.parts[index]
    const name = toPartName(runId, variant, number, index)
    const isSettled = () => find() !== undefined || !broadcast.isHinted(runId, variant, number, index)
    const refused = await hold(viewing, name, isSettled)
    if (refused) return refused === 'gone' ? null : refused
    const segment = broadcast.findSegment(runId, variant, number)
    const found = find()
    if (!segment || !found) return problems.notFound
    return bytes(viewing, name, runId, segment.init, segment.file, found.offset, found.size)
  }

  function segment(viewing: Viewing, resource: Resource & { kind: 'segment' }): Promise<Problem | null> {
    const { runId, variant, number } = resource
    const found = viewing.broadcast.findWhole(runId, variant, number)
    if (!found) return Promise.resolve(problems.notFound)
    const name = toSegmentName(runId, variant, number)
    return bytes(viewing, name, runId, found.init, found.file, 0, found.bytes)
  }

  function init(viewing: Viewing, resource: Resource & { kind: 'init' }): Promise<Problem | null> {
    const { runId, variant, init: number } = resource
    const found = viewing.broadcast.run(runId)?.variants.get(variant)?.inits.get(number)
    if (!found) return Promise.resolve(problems.notFound)
    return bytes(viewing, toInitName(runId, variant, number), runId, found, found.file, 0, found.size)
  }

  async function bytes(
    viewing: Viewing,
    name: string,
    runId: string,
    header: InitLine,
    file: string,
    offset: number,
    size: number,
  ): Promise<Problem | null> {
    if (size > MOST_BYTES) return problems.notFound
    if (sending.count(viewing.holder)) return problems.tooManySent
    whenOver(viewing, () => sending.release(viewing.holder))
    const { classId } = viewing.broadcast
    const load = () =>
      cache.read(`${classId} ${name} ${size}`, size, () => source.read(classId, runId, file, offset, size))
    const etag = `"${name.replaceAll('/', '.')}.${size}"`
    const type = header.width === undefined ? 'audio/mp4' : 'video/mp4'
    try {
      metrics.bytes += await answerMedia(viewing.request, viewing.response, { etag, type, size, load })
      return null
    } catch (fault) {
      if (!(fault instanceof MissingBytes)) throw fault
      metrics.missingMedia += 1
      logger.error({ classId, err: fault }, 'media that the journal speaks of are lost')
      viewing.broadcast.markMissing(runId, file)
      return problems.missing
    }
  }

  /** Answers, or returns what is wrong. */
  function view(viewing: Viewing, resource: Resource): Promise<Problem | null> {
    switch (resource.kind) {
      case 'multivariant':
        return multivariant(viewing)
      case 'chapters':
        return chapters(viewing)
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
  function viewAtOnce({ broadcast, request, response, query }: Viewing, resource: Resource): boolean {
    if (resource.kind !== 'playlist') return false
    const found = findPlaylist(broadcast, resource.variant, resource.whole, query)
    if ('status' in found || 'until' in found) return false
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
function findPlaylist(broadcast: Broadcast, variant: string, whole: boolean, query: string): Found {
  const reload = readQuery(query)
  if (!reload) return problems.badReload
  const { until, skip } = reload
  const timeline = broadcast.timeline()
  if (!broadcast.isStarted()) return problems.notStarted
  if (!timeline.variants.includes(variant)) return problems.notFound
  if (whole) return timeline.ended && timeline.recorded ? { form: 'replay' } : problems.notFound
  const form = forms[skip]
  if (!until) return { form }
  if (isTooFar(timeline, variant, until)) return problems.badReload
  return isReached(timeline, variant, until) ? { form } : { form, until }
}

export type Viewer = ReturnType<typeof createViewer>
