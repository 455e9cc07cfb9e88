import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { commandSchemas } from '../../server/protocol/commands'

const protocol = readFileSync(join(import.meta.dirname, '../../server/protocol/PROTOCOL.md'), 'utf8')

test('PROTOCOL.md has a row for every command', () => {
  const rows = protocol.split('\n').filter((line) => line.startsWith('| `'))
  const named = new Set(
    rows.flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`(\S+)`/g)].map((m) => m[1])),
  )
  expect(Object.keys(commandSchemas).filter((name) => !named.has(name))).toEqual([])
})
