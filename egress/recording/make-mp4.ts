import { type ChildProcess, spawn } from 'node:child_process'
import { createReadStream } from 'node:fs'
import { access, mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Piece } from './pieces'

export type Mp4Job = {
  /** BROADCAST_DIR/{classId}. */
  classDir: string
  pieces: readonly Piece[]
  title: string
  /** Nothing but this job's files is in it; what an earlier try has finished is used again. */
  workDir: string
  /** Appears whole or not at all. */
  outFile: string
  /** From 0 to 1. */
  onShare(share: number): void
  signal: AbortSignal
}

/** Live classes come first on a machine that also carries them. */
const NICENESS = '15'
/** Of the work: cutting out the pieces reads everything once, joining them reads and writes it twice more. */
const SHARE_OF_PIECES = 0.4
const quiet = ['-hide_banner', '-nostdin', '-loglevel', 'error', '-y']

/**
 * Joins the pieces into one MP4 without coding anything anew. Each piece becomes MPEG-TS, where H.264 carries its
 * parameter sets before every key frame: so the picture may change its size within the one track of the MP4.
 */
export async function makeMp4(job: Mp4Job): Promise<void> {
  const { pieces, workDir, outFile, signal } = job
  await mkdir(workDir, { recursive: true })
  const total = pieces.reduce((sum, piece) => sum + toBytes(piece), 0)
  let done = 0
  const names: string[] = []
  for (const [index, piece] of pieces.entries()) {
    const name = `${index}-${piece.runId}-${piece.segments[0]?.file}-${piece.segments.length}.ts`
    names.push(name)
    if (!(await exists(join(workDir, name)))) await cutPiece(job, piece, join(workDir, name))
    signal.throwIfAborted()
    done += toBytes(piece)
    job.onShare((SHARE_OF_PIECES * done) / total)
  }
  const list = join(workDir, 'pieces.txt')
  await writeFile(list, names.map((name) => `file '${name}'\n`).join(''))
  const part = `${outFile}.part`
  const metadata = ['-metadata', `title=${job.title}`]
  const joining = ['-f', 'concat', '-safe', '0', '-i', list, '-map', '0', '-c', 'copy', ...metadata]
  await run([...joining, '-movflags', '+faststart', '-f', 'mp4', part], signal)
  await rename(part, outFile)
  await rm(workDir, { recursive: true, force: true })
  job.onShare(1)
}

async function cutPiece({ classDir, signal }: Mp4Job, piece: Piece, path: string): Promise<void> {
  const part = `${path}.part`
  const out = ['-map', '0', '-c', 'copy', '-f', 'mpegts', part]
  const child = start([...quiet.filter((arg) => arg !== '-nostdin'), '-i', 'pipe:0', ...out], signal, 'pipe')
  const ended = succeed(child)
  // Where no descriptor is left there are no pipes, and an error soon says so.
  if (!child.stdin) return ended
  const fed = pipeline(Readable.from(readPiece(classDir, piece)), child.stdin, { signal })
  await Promise.allSettled([ended, fed])
  // ffmpeg's own words say more than the broken pipe that they leave; a file that cannot be read, it takes for the end.
  await ended
  await fed
  await rename(part, path)
}

async function* readPiece(classDir: string, { runId, init, segments }: Piece): AsyncGenerator<Buffer> {
  for (const { file, size } of [init, ...segments]) {
    yield* createReadStream(join(classDir, runId, file), { end: size - 1 })
  }
}

function run(args: string[], signal: AbortSignal): Promise<void> {
  return succeed(start([...quiet, ...args], signal, 'ignore'))
}

function start(args: string[], signal: AbortSignal, input: 'pipe' | 'ignore'): ChildProcess {
  return spawn('nice', ['-n', NICENESS, 'ffmpeg', ...args], {
    stdio: [input, 'ignore', 'pipe'],
    signal,
    // Told to stop kindly it would go on to write its end, where another maker may have begun.
    killSignal: 'SIGKILL',
  })
}

async function succeed(child: ChildProcess): Promise<void> {
  let words = ''
  child.stderr?.on('data', (chunk) => {
    words = `${words}${chunk}`.slice(-2000)
  })
  let failure: unknown
  child.once('error', (error) => {
    failure = error
  })
  // Not before it is gone: then somebody else may write the same file.
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  if (failure) throw failure
  if (code !== 0) throw new Error(`ffmpeg ended with ${code}: ${words.trim()}`)
}

const toBytes = ({ segments }: Piece) => segments.reduce((sum, { size }) => sum + size, 0)

async function exists(path: string): Promise<boolean> {
  try {
    await access(path)
    return true
  } catch {
    return false
  }
}
