import { readdir, rm, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import type { Archive } from './archive'

const CLASS_ID = /^[A-Za-z0-9_-]{1,64}$/
/** Open questions to the disk at a time: enough to keep it busy, few enough that parts are read between. */
const AT_ONCE = 16

/** Classes as directories below `root`, as worker, origin and recorder write them. */
export function createDirectoryArchive(root: string): Archive {
  return {
    async list() {
      const entries = await readdir(root, { withFileTypes: true })
      return entries
        .filter((entry) => entry.isDirectory() && CLASS_ID.test(entry.name))
        .map(({ name }) => name)
    },
    measure: (classId) => measure(join(root, classId)),
    remove: (classId) => rm(join(root, classId), { recursive: true, force: true }),
    async findFreeBytes() {
      const { bavail, bsize } = await statfs(root)
      return bavail * bsize
    },
  }
}

async function measure(dir: string): Promise<{ bytes: number; changedAt: number }> {
  const names = await readdir(dir, { recursive: true })
  let bytes = 0
  let changedAt = 0
  for (let from = 0; from < names.length; from += AT_ONCE) {
    const found = await Promise.all(
      // Another process may delete it meanwhile.
      names.slice(from, from + AT_ONCE).map((name) => stat(join(dir, name)).catch(() => null)),
    )
    for (const file of found) {
      if (!file?.isFile()) continue
      bytes += file.blocks * 512
      changedAt = Math.max(changedAt, file.mtimeMs)
    }
  }
  return { bytes, changedAt }
}
