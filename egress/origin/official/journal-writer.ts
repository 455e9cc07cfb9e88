type Handle = { write(bytes: Buffer): Promise<{ bytesWritten: number }>; close(): Promise<void> }

export type JournalWriter = {
  /** From now on these lines are part of the journal, whenever the disk takes them. */
  put(lines: readonly object[]): void
  /** Throws if the disk does not take all of it; the rest is kept for the next call. */
  flush(): Promise<void>
  isFlushed(): boolean
}

/**
 * Appends lines to a journal. A disk that fills takes the first half of a batch: its lines may have been read and listed,
 * so that nothing of it is taken back or written twice.
 */
export function createJournalWriter(open: () => Promise<Handle>): JournalWriter {
  let rest = Buffer.alloc(0)
  return {
    put(lines) {
      const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('')
      rest = Buffer.concat([rest, Buffer.from(text)])
    },
    async flush() {
      if (rest.length === 0) return
      const file = await open()
      try {
        while (rest.length > 0) {
          const { bytesWritten } = await file.write(rest)
          rest = rest.subarray(bytesWritten)
        }
      } finally {
        await file.close()
      }
    },
    isFlushed: () => rest.length === 0,
  }
}
