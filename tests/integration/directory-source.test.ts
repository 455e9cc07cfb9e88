import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createDirectorySource } from '../../egress/origin/directory-source'

test('a part that is kept keeps no more memory than its own bytes', async () => {
  const root = await mkdtemp(join(tmpdir(), 'amphi-source-'))
  await mkdir(join(root, 'cls_a', 'run_1'), { recursive: true })
  await writeFile(join(root, 'cls_a', 'run_1', 'audio-0.m4s'), Buffer.alloc(5_000, 7))
  const bytes = await createDirectorySource(root).read('cls_a', 'run_1', 'audio-0.m4s', 1_000, 900)
  expect(bytes).toEqual(Buffer.alloc(900, 7))
  expect(bytes.buffer.byteLength).toBe(900)
  await rm(root, { recursive: true })
})
