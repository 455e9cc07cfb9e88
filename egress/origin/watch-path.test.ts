import { expect, test } from 'vitest'
import { parseWatchPath } from './watch-path'

test('[REQ1] a path is a token, a class and a name', () => {
  expect(parseWatchPath('/a.b-c.d_e/cls_1/run_a/main-1.2.m4s')).toEqual({
    token: 'a.b-c.d_e',
    classId: 'cls_1',
    name: 'run_a/main-1.2.m4s',
  })
})

test('[REQ2] whatever is encoded or misses a piece is no path of ours', () => {
  const wrong = [
    '',
    '/',
    '/t',
    '/t/cls_1',
    '/t/cls_1/',
    '//cls_1/index.m3u8',
    '/t/cls%5F1/index.m3u8',
    '/t/c/%2e%2e/x',
  ]
  for (const path of wrong) expect(parseWatchPath(path), path).toBeNull()
})
