/** The newest segments of a hundred classes; older ones (replay, rewind) are read again. */
const CACHE_BYTES = 64 * 1024 * 1024
/** The key, the promise and the buffer's own objects: as much as a short part of sound. */
export const ENTRY_BYTES = 700

/** Keeps what was read last, up to a size. The same bytes asked for by many at once are read once. */
export function createByteCache(limitBytes = CACHE_BYTES) {
  const entries = new Map<string, { bytes: Promise<Buffer>; size: number }>()
  let total = 0

  function drop(key: string) {
    const entry = entries.get(key)
    if (!entry) return
    entries.delete(key)
    total -= entry.size
  }

  return {
    read(key: string, size: number, load: () => Promise<Buffer>): Promise<Buffer> {
      const found = entries.get(key)
      const entry = found ?? { bytes: load(), size: size + ENTRY_BYTES }
      // Put last: a Map goes through its keys in the order in which they were set.
      drop(key)
      entries.set(key, entry)
      total += entry.size
      for (const oldest of entries.keys()) {
        if (total <= limitBytes || oldest === key) break
        drop(oldest)
      }
      if (!found) {
        entry.bytes.catch(() => {
          if (entries.get(key) === entry) drop(key)
        })
      }
      return entry.bytes
    },
    size: () => total,
  }
}

export type ByteCache = ReturnType<typeof createByteCache>
