import { z } from 'zod'
import type { Config } from '../../server/config'
import { readDemoClass } from '../start/demo-class'
import { type Http, HttpProblem } from './http'

const preview = z.object({
  title: z.string(),
  phase: z.enum(['draft', 'live', 'ended']),
  languages: z.array(z.string()),
})

/** `id` is null where only a code is known. */
export type FoundClass = z.infer<typeof preview> & { id: string | null; code: string }

/** The demo class of this DATA_DIR, or the one of `code`. Throws what the operator should read. */
export async function findClass(config: Config, http: Http, code: string | null): Promise<FoundClass> {
  const known = code === null ? await readDemoClass(config.dataDir) : undefined
  if (code === null && !known) throw new Error(`There is no demo class in ${config.dataDir}: run npm start`)
  const asked = code ?? known?.links.student.match(/\/join\/([^/?#]+)/)?.[1] ?? ''
  const found = await http
    .call('GET', `/join/${encodeURIComponent(asked)}`)
    .then((answer) => preview.parse(answer))
    .catch((error: Error) => {
      if (error instanceof HttpProblem && error.code === 'unknown_code') return null
      if (error instanceof HttpProblem) throw error
      throw new Error(`No Amphi answers on port ${config.port} (${error.message}): run npm start first`)
    })
  if (!found) throw new Error(`There is no class with the code ${asked}`)
  if (found.phase === 'ended') {
    throw new Error(
      code === null
        ? 'The demo class has ended: stop Amphi and run npm start again, and there is a new one'
        : `The class "${found.title}" has ended`,
    )
  }
  return { ...found, id: known?.id ?? null, code: asked }
}
