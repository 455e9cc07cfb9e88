import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { commandOf, identifySelf, isAlive, type ProcessIdentity } from './process-identity'
import { waitUntil } from './wait-until'

/** The leash of a killed supervisor ends its children within its own grace; a little more than that is enough. */
const LEASH_TIMEOUT_MS = 12_000

type Holder = ProcessIdentity & { leash?: number }

/** One stack a DATA_DIR: two of them would tear PGlite and Redis apart. Returns what gives the directory back. */
export async function lockDataDir(dataDir: string, leash: number | undefined): Promise<() => Promise<void>> {
  const path = join(dataDir, 'amphi.pid')
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const holder = await readHolder(path)
  if (holder && isAlive(holder)) {
    throw new Error(
      `Another Amphi (process ${holder.pid}) is using DATA_DIR ${dataDir}: stop it, or choose another DATA_DIR`,
    )
  }
  if (holder?.leash) {
    const { leash: old } = holder
    await waitUntil(async () => !commandOf(old).includes('end-orphans'), LEASH_TIMEOUT_MS)
  }
  const self: Holder = { ...identifySelf(), leash }
  await writeFile(path, JSON.stringify(self))
  return () => rm(path, { force: true })
}

async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Holder
  } catch {
    return undefined // absent, or cut short by the death that this start recovers from
  }
}
