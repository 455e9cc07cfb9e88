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
  return {
    ...directory,
    partless: true,
    follow(classId, runId, reader) {
      const conversion = createConversion({ ...options, dir: join(root, classId, runId), classId, runId })
      // Not earlier: what was read of a torn line cannot be taken back.
      const following = conversion.fit.then(() => directory.follow(classId, runId, reader))
      return {
        catchUp: async () => (await following).catchUp(),
        close() {
          void conversion.close()
          void following.then((begun) => begun.close())
        },
      }
    },
  }
}
