import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'

export const JOURNAL_NAME = 'journal.ndjson'
export type VariantName = 'main' | 'audio'

const init = z.object({
  t: z.literal('init'),
  variant: z.enum(['main', 'audio']),
  init: z.number(),
  file: z.string(),
  codecs: z.string(),
})

/** How far a conversion came that has ended with its process; null: there was none. Whole batches are written at once. */
export async function readJournal(dir: string) {
  const text = await readFile(join(dir, JOURNAL_NAME), 'utf8').catch(() => '')
  if (text === '') return null
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { t?: string; variant?: string; segment?: number })
  const segments = lines.filter(({ t, variant }) => t === 'segment' && variant === 'main').length
  const inits = lines.flatMap((line) => init.safeParse(line).data ?? [])
  return { segments, inits, ended: lines.some(({ t }) => t === 'end') }
}
