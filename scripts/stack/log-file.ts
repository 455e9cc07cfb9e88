import { createWriteStream, mkdirSync, renameSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'

/** One old file is kept beside the current one, so that logs take at most about twice this of the disk. */
const ROTATE_BYTES = 20_000_000
/** What is shown of a part that failed: enough for a stack trace, less than a screen. */
const LAST_LINES = 20

export type LogFile = {
  path: string
  lastLines(): string[]
  read(stream: Readable): void
  close(): void
}

/** Appends every line of the streams it reads to a file, and tells `onLine`. */
export function openLogFile(path: string, onLine: (line: string) => void): LogFile {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > ROTATE_BYTES) renameSync(path, `${path}.1`)
  const file = createWriteStream(path, { flags: 'a', mode: 0o600 })
  file.on('error', () => {}) // a full disk must not take the class down
  const last: string[] = []
  return {
    path,
    lastLines: () => [...last],
    read(stream) {
      createInterface({ input: stream }).on('line', (line) => {
        if (!file.writableEnded) file.write(`${line}\n`)
        last.push(line)
        if (last.length > LAST_LINES) last.shift()
        onLine(line)
      })
    },
    close: () => file.end(),
  }
}
