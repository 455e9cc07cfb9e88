import { join } from 'node:path'
import type { Logger } from 'pino'
import { createDirectorySource } from '../directory-source'
import type { PartSource } from '../part-source'
import { createConversion } from './conversion'

type Options = { now(): number; pulse: boolean; logger: Logger }

/**
 * The directory as livekit/egress leaves it: its segments are made into parts of ours while their run is followed. For
 * one origin a directory: two would both write the journal.
 */
export function createOfficialSource(root: string, options: Options): PartSource {
  const directory = createDirectorySource(root)
  /** By directory: who wrote there before, until they have ended. */
  const closing = new Map<string, Promise<void>>()
  return {
    ...directory,
    partless: true,
    follow(classId, runId, reader) {
      const dir = join(root, classId, runId)
      const free = closing.get(dir) ?? Promise.resolve()
      const conversion = createConversion({ ...options, dir, classId, runId, free })
      // Not earlier: what was read of a torn line cannot be taken back.
      const following = conversion.fit.then(() => directory.follow(classId, runId, reader))
      return {
        catchUp: async () => (await following).catchUp(),
        close() {
          const closed = conversion.close().finally(() => {
            if (closing.get(dir) === closed) closing.delete(dir)
          })
          closing.set(dir, closed)
          void following.then((begun) => begun.close())
        },
      }
    },
  }
}
