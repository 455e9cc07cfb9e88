import { type FSWatcher, watch } from 'node:fs'
import { access, type FileHandle, open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Following, type JournalReader, MissingBytes, type PartSource } from './part-source'

const JOURNAL_NAME = 'journal.ndjson'
/**
 * Notices of the kernel make a part visible within a millisecond. They are lost on network file systems, and
 * before the file exists there is nothing to watch: reading anyway costs one system call.
 */
const DEFAULT_POLL_MS = 100
const CHUNK_BYTES = 64 * 1024
/** Ten times the longest line; more without a newline is no journal. */
const LONGEST_LINE_BYTES = 8 * 1024

/** Journals and segments below `{root}/{classId}/{runId}/`. Ids and file names are checked by those who parse them. */
export function createDirectorySource(root: string, pollMs = DEFAULT_POLL_MS): PartSource {
  return {
    follow: (classId, runId, reader) => follow(join(root, classId, runId, JOURNAL_NAME), reader, pollMs),
    async read(classId, runId, file, offset, size) {
      const handle = await findFile(join(root, classId, runId, file))
      if (!handle) throw new MissingBytes(`${file} of run ${runId} is not there`)
      try {
        return await readExactly(handle, `${file} of run ${runId}`, offset, size)
      } finally {
        await handle.close()
      }
    },
    async list(classId, runId) {
      try {
        return new Set(await readdir(join(root, classId, runId)))
      } catch (problem) {
        if (isAbsent(problem)) return new Set()
        throw problem
      }
    },
    check: () => access(root),
  }
}

function follow(path: string, reader: JournalReader, pollMs: number): Following {
  let file: FileHandle | null = null
  let watcher: FSWatcher | null = null
  let position = 0
  let tail = ''
  let state: 'reading' | 'closed' = 'reading'
  let current: Promise<void> | null = null
  let next: Promise<void> | null = null
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES)
  const decoder = new TextDecoder()

  async function read() {
    file ??= await findFile(path)
    if (!file || state === 'closed') return
    watcher ??= watchFile(path, () => void catchUp())
    for (;;) {
      const { bytesRead } = await file.read(chunk, 0, CHUNK_BYTES, position)
      if (bytesRead === 0 || state !== 'reading') return
      position += bytesRead
      const lines = (tail + decoder.decode(chunk.subarray(0, bytesRead), { stream: true })).split('\n')
      tail = lines.pop() ?? ''
      if (!reader.onLines(lines)) return close()
      if (tail.length > LONGEST_LINE_BYTES) {
        reader.onProblem(new Error(`a line of the journal is longer than ${LONGEST_LINE_BYTES} bytes`))
        return close()
      }
    }
  }

  async function readSafely() {
    try {
      await read()
    } catch (problem) {
      reader.onProblem(problem)
    } finally {
      if (state === 'closed') await release()
    }
  }

  /** One reading at a time, and at most one more behind it: that one sees whatever was written by now. */
  function catchUp(): Promise<void> {
    if (state === 'closed') return Promise.resolve()
    if (!current) {
      current = readSafely().finally(() => {
        current = null
      })
      return current
    }
    next ??= current.then(() => {
      next = null
      return catchUp()
    })
    return next
  }

  async function release() {
    const handle = file
    file = null
    await handle?.close()
  }

  function close() {
    if (state === 'closed') return
    state = 'closed'
    clearInterval(timer)
    watcher?.close()
    if (!current) void release()
  }

  const timer = setInterval(() => void catchUp(), pollMs)
  void catchUp()
  return { catchUp, close }
}

async function readExactly(handle: FileHandle, name: string, offset: number, size: number): Promise<Buffer> {
  // It may be kept for long: of Node's pool, a part of 1 kB would keep 8.
  const bytes = Buffer.allocUnsafeSlow(size)
  let length = 0
  while (length < size) {
    const { bytesRead } = await handle.read(bytes, length, size - length, offset + length)
    if (bytesRead === 0) throw new MissingBytes(`${name} ends before byte ${offset + size}`)
    length += bytesRead
  }
  return bytes
}

async function findFile(path: string): Promise<FileHandle | null> {
  try {
    return await open(path)
  } catch (problem) {
    if (isAbsent(problem)) return null
    throw problem
  }
}

function isAbsent(problem: unknown): boolean {
  return problem instanceof Error && 'code' in problem && problem.code === 'ENOENT'
}

/** A kernel that has no watches left is no reason to stop: the poll goes on. */
function watchFile(path: string, onChange: () => void): FSWatcher | null {
  try {
    return watch(path, { persistent: false }, onChange).on('error', () => {})
  } catch {
    return null
  }
}
