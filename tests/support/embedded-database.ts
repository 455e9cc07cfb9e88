import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { serveEmbedded } from '../../db/embedded'
import { findFreePort } from '../../scripts/stack/ports'

/** The embedded database in this process, empty, on a port of its own. */
export async function startEmbedded(): Promise<{ url: string; stop(): Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), 'amphi-pglite-'))
  const port = await findFreePort()
  const embedded = await serveEmbedded(dir, { port })
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    async stop() {
      await embedded.close()
      await rm(dir, { recursive: true, force: true })
    },
  }
}
