import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')

function testFiles(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(test|spec)\.ts$/.test(name) && !name.includes('node_modules'))
    .map((name) => join(root, folder, name))
}

const rules = readFileSync(join(root, 'server/classroom/RULES.md'), 'utf8')
const numbered = [...rules.matchAll(/^- \*\*([A-Z]+\d+)\*\*/gm)].map((m) => m[1] ?? '')
const sources = ['server', 'egress', 'db', 'app', 'tests'].flatMap(testFiles)
const cited = new Set(
  sources.flatMap((file) => [...readFileSync(file, 'utf8').matchAll(/\[([A-Z]+\d+)\]/g)].map((m) => m[1])),
)

test('every rule of RULES.md is numbered once and cited by a test', () => {
  expect(numbered.length).toBeGreaterThan(30)
  expect(new Set(numbered).size).toBe(numbered.length)
  expect(numbered.filter((id) => !cited.has(id))).toEqual([])
})
