import { parseArgs } from 'node:util'
import { askForNothing, requireKeyedConfig } from './running-server'
import { UsageError } from './usage'

/** Takes a person's name and words out of a class and its history, for good. */
export async function erase(args: string[]): Promise<void> {
  const { positionals } = parseArgs({ args, allowPositionals: true })
  const [classId, personId] = positionals
  if (classId === undefined) throw new UsageError('CLASS is missing.')
  if (personId === undefined) throw new UsageError('PERSON is missing: their id in the class, per_...')
  const config = await requireKeyedConfig()
  const path = `/api/v1/classes/${encodeURIComponent(classId)}/people/${encodeURIComponent(personId)}`
  await askForNothing(config, 'DELETE', path)
  console.log(`${personId} is erased from ${classId}.`)
}
