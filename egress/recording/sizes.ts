import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** Bytes of every file of these runs, by `{runId}/{file}`. */
export async function findSizes(
  classDir: string,
  runIds: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const sizes = new Map<string, number>()
  for (const runId of runIds) {
    for (const file of await readdir(join(classDir, runId))) {
      sizes.set(join(runId, file), (await stat(join(classDir, runId, file))).size)
    }
  }
  return sizes
}
