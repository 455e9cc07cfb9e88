import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const protocol = readFileSync(join(import.meta.dirname, '../../server/protocol/PROTOCOL.md'), 'utf8')
const named = [...protocol.matchAll(/^(?:- )?\*\*([A-Z]\d+)\*\*/gm)].map((match) => match[1] ?? '')
const suite = readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith('.test.ts'))
  .map((name) => readFileSync(join(import.meta.dirname, name), 'utf8'))
  .join('\n')

test('every rule of PROTOCOL.md has a name of its own, and a test that cites it', () => {
  expect(named.length).toBeGreaterThan(30)
  expect(new Set(named).size).toBe(named.length)
  expect(named.filter((name) => !suite.includes(`[${name}]`))).toEqual([])
})
