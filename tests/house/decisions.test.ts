import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const folder = join(import.meta.dirname, '../../docs/decisions')
const pages = readdirSync(folder).filter((name) => name !== 'README.md')

test('every decision has a number of its own', () => {
  const numbers = pages.map((name) => /^(\d{4})-[a-z0-9-]+\.md$/.exec(name)?.[1] ?? name)
  expect(
    numbers.filter((number, index) => numbers.indexOf(number) !== index || number.endsWith('.md')),
  ).toEqual([])
})
test('the index leads to every decision once, and to nothing else', () => {
  const index = readFileSync(join(folder, 'README.md'), 'utf8')
  const listed = [...index.matchAll(/\]\(([^)]+)\)/g)].map(([, target]) => target)
  expect(listed.sort()).toEqual(pages.sort())
})
