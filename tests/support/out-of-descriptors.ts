import { closeSync, openSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { toFragments } from '../../egress/origin/official/fragment'
import { takeSample } from '../../egress/origin/official/picture-check'
import { makeMp4 } from '../../egress/recording/make-mp4'

/** A process of its own: calls whatever starts ffmpeg while no descriptor is left, and says what each answers. */
const dir = await mkdtemp(join(tmpdir(), 'amphi-descriptors-'))
const taken: number[] = []
try {
  for (;;) taken.push(openSync('/dev/null', 'r'))
} catch {
  // None is left.
}

const { signal } = new AbortController()
const segments = [{ file: 'main-0.m4s', size: 1 }]
const pieces = [{ runId: 'run_a', init: { file: 'main-init-0.mp4', size: 1 }, segments, seconds: 1 }]
const job = {
  classDir: dir,
  pieces,
  title: '',
  workDir: dir,
  outFile: join(dir, 'a.mp4'),
  onShare() {},
  signal,
}
const calls = { makeMp4: makeMp4(job), toFragments: toFragments('a.ts', 0), takeSample: takeSample('a.ts') }
const answers = await Promise.all(
  Object.entries(calls).map(async ([name, answer]) => {
    const code = await answer.then(
      () => 'done',
      (error: NodeJS.ErrnoException) => error.code ?? error.message,
    )
    return [name, code]
  }),
)
// A fault that nobody waits for ends the process before this.
await new Promise(setImmediate)
for (const descriptor of taken) closeSync(descriptor)
await rm(dir, { recursive: true })
// Not waiting for what would have ended the ffmpeg that never was.
process.stdout.write(JSON.stringify(Object.fromEntries(answers)), () => process.exit())
