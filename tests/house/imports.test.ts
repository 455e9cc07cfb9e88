import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { describe, expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')

/** Which folders a folder's files may import from (besides itself). Arrows point inward; compose.ts joins all. */
const mayImport: Record<string, string[]> = {
  'server/classroom': [],
  'server/protocol': ['server/classroom'],
  'server/redis': ['server/logger'],
  'server/people': [
    'server/classroom',
    'server/protocol',
    'server/log',
    'server/livekit',
    'server/loop',
    'server/redis',
  ],
  'server/log': ['server/classroom', 'server/redis', 'server/logger'],
  'server/livekit': ['server/classroom', 'server/log', 'server/loop'],
  'egress/director': [
    'server/classroom',
    'server/log',
    'server/redis',
    'server/loop',
    'egress/plan',
    'egress/run-health',
  ],
  'egress/origin': [
    'server/people',
    'server/redis',
    'server/config',
    'server/logger',
    'server/ids',
    'server/loop',
    'egress/plan',
    'egress/recorded',
    'egress/recording',
    'egress/run-health',
  ],
  'egress/recording': [
    'server/redis',
    'server/loop',
    'server/people/tokens',
    'egress/origin/range',
    'egress/plan',
    'egress/recorded',
    'egress/recording-state',
  ],
  // The face that db implements stands with those who need it.
  db: ['server/classroom', 'server/log', 'server/people/directory'],
  'server/socket': ['server/classroom', 'server/protocol', 'server/log', 'server/people', 'server/livekit'],
  'server/http': [
    'server/classroom',
    'server/protocol',
    'server/log',
    'server/people',
    'server/livekit',
    'server/redis',
    'server/config',
    'egress/director',
    'egress/plan',
    'egress/recorded',
    'egress/recording-state',
    'egress/run-health',
  ],
  app: ['server/classroom', 'server/protocol', 'server/http/pages'],
}

function filesOf(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name) && !/\.(test|spec)\.tsx?$/.test(name))
    .map((name) => join(folder, name))
}

type Import = { target: string; typeOnly: boolean }
function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8')
  const found = text.matchAll(
    /^(?:import|export)\s+(type\s+)?[^'"]*?from\s+['"](\.{1,2}\/[^'"]+|~\/[^'"]+)['"]/gm,
  )
  return [...found].map(([, typeOnly, path = '']) => ({
    target: path.startsWith('~/')
      ? join('app', path.slice(2))
      : relative(root, join(root, dirname(file), path)),
    typeOnly: typeOnly !== undefined,
  }))
}

describe('the house', () => {
  for (const [folder, allowed] of Object.entries(mayImport)) {
    test(`${folder} imports only from ${allowed.join(', ') || 'itself'}`, () => {
      const files = filesOf(folder)
      expect(files.length).toBeGreaterThan(0)
      const inside = (target: string, place: string) => target === place || target.startsWith(`${place}/`)
      const foreign = files.flatMap((file) =>
        importsOf(file)
          .filter(({ target }) => ![folder, ...allowed].some((place) => inside(target, place)))
          .map(({ target }) => `${file} -> ${target}`),
      )
      expect(foreign).toEqual([])
    })
  }

  test('the browser takes only types from the wire and the pages: no schema library on a phone', () => {
    const values = filesOf('app').flatMap((file) =>
      importsOf(file)
        .filter(({ target, typeOnly }) => /^server\/(protocol|http)/.test(target) && !typeOnly)
        .map(({ target }) => `${file} -> ${target}`),
    )
    expect(values).toEqual([])
  })

  test('SQL stands in db only', () => {
    const sql = /\b(SELECT\s.+\sFROM|INSERT INTO|UPDATE\s+\w+\s+SET|DELETE FROM)\b/
    const elsewhere = ['server', 'egress', 'app'].flatMap(filesOf).filter((file) => {
      return sql.test(readFileSync(join(root, file), 'utf8'))
    })
    expect(elsewhere).toEqual([])
  })

  test('a class changes in one way: only the log appends to a stream', () => {
    const streams = ['server', 'egress', 'app', 'db'].flatMap(filesOf).filter((file) => {
      return /\b(xadd|XADD)\b/.test(readFileSync(join(root, file), 'utf8')) && !file.startsWith('server/log/')
    })
    expect(streams).toEqual([])
  })
})
