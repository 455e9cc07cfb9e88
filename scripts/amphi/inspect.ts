import { parseArgs } from 'node:util'
import { z } from 'zod'
import type { Config } from '../../server/config'
import { ask, requireKeyedConfig } from './running-server'
import { UsageError } from './usage'

const LAST_FACTS = 10

const fact = z.looseObject({ seq: z.number(), at: z.number(), type: z.string() })
const page = z.object({ items: z.array(fact), next: z.string().nullable() })

type Fact = z.infer<typeof fact>

/** Prints the class as the API shows it, and the last of its facts. */
export async function inspect(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { facts: { type: 'string', default: String(LAST_FACTS) } },
  })
  const [classId] = positionals
  if (classId === undefined) throw new UsageError('CLASS is missing.')
  const wanted = Number(values.facts)
  if (!Number.isInteger(wanted) || wanted < 0) throw new UsageError('--facts is a whole number.')
  const config = await requireKeyedConfig()
  const path = `/api/v1/classes/${encodeURIComponent(classId)}`
  console.log(JSON.stringify(await ask(config, 'GET', path), null, 2))
  const { head, last } = await readLastFacts(config, path, wanted)
  console.log(`head: fact ${head}`)
  for (const { seq, at, type, ...rest } of last) {
    console.log(`${String(seq).padStart(6)}  ${new Date(at).toISOString()}  ${type}  ${JSON.stringify(rest)}`)
  }
}

/** The API goes forward only; a class has some thousands of facts, so its end is soon reached. */
async function readLastFacts(config: Config, path: string, wanted: number) {
  let last: Fact[] = []
  let head = 0
  let after: string | null = null
  for (;;) {
    const query: string = after === null ? '' : `?after=${encodeURIComponent(after)}`
    const { items, next } = page.parse(await ask(config, 'GET', `${path}/facts${query}`))
    head = items.at(-1)?.seq ?? head
    last = wanted === 0 ? [] : [...last, ...items].slice(-wanted)
    // the cursor goes on for ever, for whoever asks again later
    if (items.length === 0 || next === null) return { head, last }
    after = next
  }
}
