import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import type { Redis } from 'ioredis'
import type { Tokens } from '../../server/people/tokens'
import { keysOf } from '../../server/redis/names'
import { matchesTag, parseRange, readRange } from '../origin/range'
import { isOver, parsePlan } from '../plan'
import { toRecordingFile } from './files'

export type DownloadDependencies = {
  redis: Redis
  broadcastDir: string
  tokens: Pick<Tokens, 'readDownload'>
  /** Server time, ms. */
  now(): number
}

/** The file as one saves it; the token says which class's, so nothing of the path becomes a path on the disk. */
const DOWNLOAD_PATH = /^\/download\/([A-Za-z0-9_.-]{1,2048})\/recording\.mp4$/

export type Download = {
  /** Answers and says so, or what is wrong; null: the path is none of a download. */
  handle(
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
  ): Promise<null | 'answered' | 403 | 404 | 410>
}

/** `GET /download/{token}/recording.mp4` with Range (RFC 9110, 14): a broken download goes on where it stopped. */
export function createDownload({ redis, broadcastDir, tokens, now }: DownloadDependencies): Download {
  return {
    async handle(request, response, path) {
      const token = DOWNLOAD_PATH.exec(path)?.[1]
      if (token === undefined) return null
      const reading = tokens.readDownload(token)
      if (!reading.ok) return 403
      const classId = reading.claims.cls
      const text = await redis.get(keysOf(classId).plan)
      const plan = text === null ? null : parsePlan(classId, text)
      if (plan && isOver(plan, now())) return 410
      const file = toRecordingFile(broadcastDir, classId)
      const found = await stat(file).catch(() => null)
      if (!found) return 404
      await send(request, response, file, found)
      return 'answered'
    },
  }
}

async function send(
  request: IncomingMessage,
  response: ServerResponse,
  file: string,
  { size, mtimeMs }: { size: number; mtimeMs: number },
): Promise<void> {
  const etag = `"${size}-${Math.round(mtimeMs)}"`
  const validators = { ETag: etag, 'Accept-Ranges': 'bytes', 'Cache-Control': 'private, no-store' }
  if (matchesTag(request.headers['if-none-match'], etag)) {
    response.writeHead(304, validators).end()
    return
  }
  const range = parseRange(readRange(request, etag), size)
  if (range.kind === 'unsatisfiable') {
    response.writeHead(416, { 'Content-Range': `bytes */${size}`, 'Cache-Control': 'no-store' }).end()
    return
  }
  const [start, end] = range.kind === 'part' ? [range.first, range.last] : [0, size - 1]
  response.writeHead(range.kind === 'part' ? 206 : 200, {
    ...validators,
    'Content-Type': 'video/mp4',
    'Content-Disposition': 'attachment; filename="recording.mp4"',
    'Content-Length': end - start + 1,
    ...(range.kind === 'part' && { 'Content-Range': `bytes ${start}-${end}/${size}` }),
  })
  if (request.method === 'HEAD') {
    response.end()
    return
  }
  // Whoever goes away in the middle is no fault of ours.
  await pipeline(createReadStream(file, { start, end }), response).catch(() => response.destroy())
}
