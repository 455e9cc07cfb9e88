import { join } from 'node:path'
import {
  EgressClient,
  type EgressInfo,
  S3Upload,
  SegmentedFileOutput,
  SegmentedFileProtocol,
  ServerError,
} from 'livekit-server-sdk'
import type { ActiveEgress } from './next-actions'

export type EgressesDeps = {
  livekit: { url: string; apiKey: string; apiSecret: string }
  /** BROADCAST_DIR, as the engine sees it. */
  broadcastDir: string
  requestMs: number
  segmentSeconds: number
  /** The page that the engine shows and films, where it needs one. */
  toPageUrl?(classId: string): string
  /** Where the engine puts its files instead of its own disk: a bucket that origins see as BROADCAST_DIR. */
  s3?: S3Target
}

/** Names and keys as livekit/egress takes them (its S3Upload). */
export type S3Target = {
  accessKey: string
  secret: string
  bucket: string
  region: string
  endpoint: string
  forcePathStyle: boolean
}

export type StartOutcome = 'accepted' | 'refused' | 'unanswered'

/** The broadcast's words for LiveKit's Egress API. Knows only egresses that write below BROADCAST_DIR/{classId}. */
export type Egresses = {
  /** `refused`: LiveKit or the engine said no. `unanswered`: it may run or not. */
  start(classId: string, runId: string): Promise<StartOutcome>
  listActive(classId: string): Promise<ActiveEgress[]>
  /** Resolves when it was asked to stop, or is over already; rejects when nobody answers. */
  stop(egressId: string): Promise<void>
}

const PLAYLIST_NAME = 'index.m3u8'
/** livekit/egress copies its whole playlist ever more seldom as hours pass, and this one with each segment. */
const LIVE_PLAYLIST_NAME = 'live.m3u8'
const FILE_PREFIX = 'seg'
/** LiveKit itself gives up on an egress that does not answer after 3 s. */
const STOP_SECONDS = 5
const LIST_SECONDS = 2

export function createEgresses(deps: EgressesDeps): Egresses {
  const { livekit, broadcastDir, requestMs, segmentSeconds, toPageUrl, s3 } = deps
  const connect = (requestTimeout: number) =>
    new EgressClient(livekit.url, livekit.apiKey, livekit.apiSecret, { requestTimeout, failover: false })
  const starting = connect(requestMs / 1000)
  const stopping = connect(STOP_SECONDS)
  const listing = connect(LIST_SECONDS)
  // A bucket has no directories above its own.
  const toDir = (classId: string) => (s3 ? classId : join(broadcastDir, classId))
  return {
    async start(classId, runId) {
      const segments = new SegmentedFileOutput({
        filenamePrefix: join(toDir(classId), runId, FILE_PREFIX),
        playlistName: PLAYLIST_NAME,
        ...(toPageUrl && { livePlaylistName: LIVE_PLAYLIST_NAME, disableManifest: true }),
        segmentDuration: segmentSeconds,
        ...(s3 && { output: { case: 's3', value: new S3Upload(s3) } as const }),
        protocol: SegmentedFileProtocol.DEFAULT_SEGMENTED_FILE_PROTOCOL,
      })
      try {
        const customBaseUrl = toPageUrl?.(classId)
        const options = { layout: 'speaker', ...(customBaseUrl && { customBaseUrl }) }
        await starting.startRoomCompositeEgress(classId, { segments }, options)
        return 'accepted'
      } catch (error) {
        return isRefusal(error) ? 'refused' : 'unanswered'
      }
    },
    async listActive(classId) {
      const infos = await listing.listEgress({ roomName: classId, active: true })
      return infos.flatMap((info) => {
        const runId = findRunId(info, toDir(classId))
        return runId === null ? [] : [{ egressId: info.egressId, runId }]
      })
    },
    async stop(egressId) {
      try {
        await stopping.stopEgress(egressId)
      } catch (error) {
        if (!isOver(error)) throw error
      }
    },
  }
}

/** Of an egress that is ours: the directory it was told to write to. */
function findRunId(info: EgressInfo, classDir: string): string | null {
  const { request } = info
  if (request.case !== 'roomComposite') return null
  const prefix = request.value.segmentOutputs[0]?.filenamePrefix ?? ''
  if (!prefix.startsWith(`${classDir}/`)) return null
  return prefix.slice(classDir.length + 1).split('/')[0] || null
}

/** Twirp codes under which a request may nevertheless have reached an engine. */
const unanswered: ReadonlySet<string> = new Set(['deadline_exceeded', 'canceled', 'unavailable', 'unknown'])

function isRefusal(error: unknown): boolean {
  return error instanceof ServerError && error.code !== undefined && !unanswered.has(error.code)
}

/** `failed_precondition`: it has ended already; `not_found`: LiveKit has forgotten it. */
function isOver(error: unknown): boolean {
  return error instanceof ServerError && (error.code === 'failed_precondition' || error.code === 'not_found')
}
