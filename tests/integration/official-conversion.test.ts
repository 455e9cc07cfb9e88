import {
  appendFile,
  copyFile,
  mkdir,
  mkdtemp,
  readFile,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { toFragments } from '../../egress/origin/official/fragment'
import { createOfficialSource } from '../../egress/origin/official/official-source'
import { takeSample } from '../../egress/origin/official/picture-check'
import { createRunJournals } from '../../egress/origin/run-journals'
import type { RunRecord } from '../../egress/origin/run-record'
import { testLogger } from '../support/class-rig'
import {
  createEngineRun,
  decode,
  makeSegments,
  readPackets,
  readSoundProfile,
  toPlain,
  toSource,
} from '../support/engine-run'

const BEGIN = Date.parse('2026-11-23T10:00:00.000Z')
const SIZE = '320x180'
const WAIT = { timeout: 20_000 }
/** Four samples, five seconds apart. */
const STILL_SECONDS = 20

type Run = ReturnType<typeof createEngineRun>
let root: string
let moving: string[]
const runs: Run[] = []

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'amphi-conversion-'))
  moving = await makeSegments(join(root, 'moving'), toSource(SIZE), 8)
}, 60_000)

afterEach(async () => {
  for (const run of runs.splice(0)) await run.close()
})

afterAll(() => rm(root, { recursive: true, force: true }))

let made = 0
function newRun(classDir: string, from: string, files: readonly string[], begin = BEGIN): Run {
  made += 1
  const run = createEngineRun(join(root, classDir), `run_${made}`, join(root, from), files, begin)
  runs.push(run)
  return run
}

const countOf = async (run: Run, variant = 'main') =>
  (await run.lines()).filter((line) => line.t === 'segment' && line.variant === variant).length

const drawCorner = (colour: string) => `drawbox=x=iw-16:y=ih-16:w=16:h=16:c=${colour}:t=fill`

/** A page with a corner that goes round as ours does, above anything. */
function withPulse(picture: string): string {
  const seconds = Array.from({ length: STILL_SECONDS }, (_, second) => second)
  const toFilter = (second: number) =>
    `${drawCorner(pulse(second))}:enable='between(t,${second},${second + 0.99})'`
  return [picture, ...seconds.map(toFilter)].join(',')
}

function pulse(second: number): string {
  const angle = (2 * Math.PI * second) / 10
  const hex = (value: number) =>
    Math.round(80 + 64 * value)
      .toString(16)
      .padStart(2, '0')
  return `0x${hex(Math.sin(angle))}00${hex(Math.cos(angle))}`
}

test('[OFF20] the init segments say how the sound is coded, as browsers ask', async () => {
  const { main, audio } = await toFragments(join(root, 'moving', moving[0] ?? ''), 0)
  for (const [name, { init, media }] of Object.entries({ main, audio })) {
    const path = join(root, `${name}.mp4`)
    await writeFile(path, Buffer.concat([init, media]))
    expect(await readSoundProfile(path), name).toBe('LC')
  }
})

test('[OFF10] pictures with B-frames and their sound come out in step, and go on from run to run', async () => {
  const first = newRun('steps', 'moving', moving.slice(0, 4))
  await first.copy()
  await first.list('index.m3u8')
  first.follow(false)
  await expect.poll(() => countOf(first), WAIT).toBe(4)
  const second = newRun('steps', 'moving', moving.slice(0, 3), BEGIN + 7_000)
  await second.copy()
  await second.list('index.m3u8')
  second.follow(false)
  await expect.poll(() => countOf(second), WAIT).toBe(3)

  const path = join(root, 'steps.mp4')
  await writeFile(path, Buffer.concat([await first.media('main'), await second.media('main')]))
  expect(await decode(path)).toBe('')
  const packets = await readPackets(path)
  const times = (stream: string) => packets.filter((packet) => packet.stream === stream).map(({ pts }) => pts)
  const pictures = times('video').sort((a, b) => a - b)
  expect(pictures).toHaveLength(7 * 10)
  const from = pictures[0] ?? 0
  // Four seconds, three in which nobody wrote, three more.
  expect((pictures[40] ?? 0) - from).toBeCloseTo(7, 2)
  expect((pictures.at(-1) ?? 0) - from).toBeCloseTo(9.9, 2)
  expect(Math.abs((times('audio')[0] ?? 0) - from)).toBeLessThan(0.05)
})

test('[OFF11] what is copied seldom in late hours is read where it is newest', async () => {
  const run = newRun('late', 'moving', moving)
  await run.copy()
  await run.list('index.m3u8', 0, 2)
  run.follow(false)
  await expect.poll(() => countOf(run), WAIT).toBe(2)
  await run.list('live.m3u8', 2, 7)
  await expect.poll(() => countOf(run), WAIT).toBe(7)
  await run.list('index.m3u8', 0, 8, '#EXT-X-ENDLIST\n')
  await run.list('live.m3u8', 3, 8, '#EXT-X-ENDLIST\n')
  await expect.poll(async () => (await run.lines()).at(-1), WAIT).toEqual({ t: 'end', reason: 'stopped' })
  expect(await countOf(run)).toBe(8)
})

test('[OFF12] a segment that is listed and not there yet is waited for; an origin that starts again goes on', async () => {
  const run = newRun('again', 'moving', moving)
  await run.copy(3)
  await run.list('index.m3u8', 0, 5)
  run.follow(false)
  await expect.poll(() => countOf(run), WAIT).toBe(3)
  await run.close()
  const inits = async () => (await run.lines()).filter(({ t }) => t === 'init').length
  const before = await inits()
  await run.copy(5)
  run.follow(false)
  await expect.poll(() => countOf(run), WAIT).toBe(5)
  const lines = await run.lines()
  expect(lines.filter(({ t }) => t === 'run')).toHaveLength(1)
  expect(await inits()).toBe(before)
  const path = join(root, 'again.mp4')
  await writeFile(path, await run.media('main'))
  expect(await decode(path)).toBe('')
})

test.each([
  ['a black one', toPlain('black', SIZE), 8],
  ["the browser's own words about a crash", toPlain('0xF8F9FA', SIZE), 8],
  ['a page that is not ours', toSource(SIZE), 8],
  ['one that stands still', `${toPlain('0x335577', SIZE)},${drawCorner(pulse(3))}`, STILL_SECONDS],
] as const)(
  '[OFF13] a picture that is not that of the class ends the journal: %s',
  async (what, picture, seconds) => {
    const from = `dead ${what}`
    const files = await makeSegments(join(root, from), picture, seconds)
    const run = newRun('dead', from, files)
    await run.copy()
    await run.list('index.m3u8')
    run.follow(true)
    await expect.poll(async () => (await run.lines()).at(-1), WAIT).toEqual({ t: 'end', reason: 'failed' })
  },
  60_000,
)

test('[OFF14] a slide that stands still on a page that lives goes on', async () => {
  const picture = withPulse(toPlain('0x335577', SIZE))
  const files = await makeSegments(join(root, 'slide'), picture, STILL_SECONDS)
  const run = newRun('alive', 'slide', files)
  await run.copy()
  await run.list('index.m3u8', 0, STILL_SECONDS, '#EXT-X-ENDLIST\n')
  run.follow(true)
  await expect.poll(async () => (await run.lines()).at(-1), WAIT).toEqual({ t: 'end', reason: 'stopped' })
  expect(await countOf(run)).toBe(STILL_SECONDS)
}, 60_000)

test('[OFF15] a segment that is a playlist inside is none, and nothing that it leads to is read', async () => {
  const path = join(root, 'seg_00000.ts')
  const elsewhere = join(root, 'moving', moving[0] ?? '')
  await writeFile(
    path,
    `#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n${elsewhere}\n#EXT-X-ENDLIST\n`,
  )
  await expect(toFragments(path, 0)).rejects.toThrow('ffmpeg ended')
  expect(await takeSample(path)).toBeNull()
})

const segmentsOf = (record: RunRecord | undefined, variant: string) =>
  record?.variants.get(variant)?.segments.size ?? 0

/** What an origin makes of the run while it converts it, and what it finds wrong with its journal. */
function originOf(classDir: string, runId: string) {
  const source = createOfficialSource(root, { now: () => BEGIN, pulse: false, logger: testLogger })
  const problems: unknown[] = []
  const events = { onLines() {}, onProblem: (_: string, problem: unknown) => problems.push(problem) }
  const journals = createRunJournals(classDir, source, events)
  const read = async () => {
    await journals.catchUp([{ runId }])
    return journals.records.get(runId)
  }
  return { problems, read, close: () => journals.close() }
}

test('[OFF17] a disk that is full when the picture changes costs nothing: its init is in the journal with its segment', async () => {
  await makeSegments(join(root, 'wide'), toSource('640x360'), 2)
  await mkdir(join(root, 'changing'), { recursive: true })
  const sources = [
    ...moving.slice(0, 2).map((name) => ['moving', name]),
    ...moving.slice(0, 2).map((name) => ['wide', name]),
  ]
  const files = sources.map((_, index) => `seg_0000${index}.ts`)
  for (const [index, [from = '', name = '']] of sources.entries()) {
    await copyFile(join(root, from, name), join(root, 'changing', files[index] ?? ''))
  }
  const run = newRun('full', 'changing', files)
  const journal = join(run.dir, 'journal.ndjson')
  await run.copy()
  await run.list('index.m3u8', 0, 2)
  run.follow(false)
  await expect.poll(() => countOf(run), WAIT).toBe(2)
  await rename(journal, `${journal}.kept`)
  await symlink('/dev/full', journal)
  await run.list('index.m3u8', 0, 4, '#EXT-X-ENDLIST\n')
  const isFull = () => run.problems.filter(({ err }) => err.message.includes('ENOSPC')).length > 2
  await expect.poll(isFull, WAIT).toBe(true)
  await rename(`${journal}.kept`, journal)
  await expect.poll(async () => (await run.lines()).at(-1), WAIT).toEqual({ t: 'end', reason: 'stopped' })
  await run.close()

  const origin = originOf('full', run.dir.split('/').at(-1) ?? '')
  const record = await origin.read()
  origin.close()
  expect(origin.problems).toEqual([])
  expect([segmentsOf(record, 'main'), segmentsOf(record, 'audio')]).toEqual([4, 4])
  const widths = [...(record?.variants.get('main')?.inits.values() ?? [])].map(({ width }) => width)
  expect([...new Set(widths)]).toEqual([320, 640])
})

test('[OFF18] a journal that a crash has torn anywhere goes on as if nothing had been', async () => {
  const whole = newRun('whole', 'moving', moving.slice(0, 3))
  await whole.copy()
  await whole.list('index.m3u8', 0, 3, '#EXT-X-ENDLIST\n')
  whole.follow(false)
  await expect.poll(async () => (await whole.lines()).at(-1)?.t, WAIT).toBe('end')
  const text = await readFile(join(whole.dir, 'journal.ndjson'), 'utf8')
  const lines = text.split('\n')
  const before = (line: number) => lines.slice(0, line).join('\n').length + 1
  const last = lines.findIndex((line) => line.includes('"main-2.m4s"'))
  // In the first line; after it; in a line of the last batch; after one; after its picture; in the end.
  const cuts = [20, before(1), before(last) + 30, before(last + 1), before(last + 2), text.length - 5]
  for (const [index, cut] of cuts.entries()) {
    const classDir = `torn-${index}`
    const runId = whole.dir.split('/').at(-1) ?? ''
    const run = createEngineRun(join(root, classDir), runId, join(root, 'moving'), moving.slice(0, 3), BEGIN)
    await run.copy()
    for (const file of new Set(text.match(/[a-z]+-[a-z0-9-]+\.(?:m4s|mp4)/g))) {
      await copyFile(join(whole.dir, file), join(run.dir, file))
    }
    const torn = text.slice(0, cut).replaceAll('"cls_a"', `"${classDir}"`)
    await writeFile(join(run.dir, 'journal.ndjson'), torn)
    await run.list('index.m3u8', 0, 3, '#EXT-X-ENDLIST\n')
    const origin = originOf(classDir, runId)
    await expect
      .poll(async () => (await origin.read())?.ended, { ...WAIT, message: `cut at ${cut}` })
      .toBe(true)
    const record = await origin.read()
    origin.close()
    expect(origin.problems).toEqual([])
    expect([segmentsOf(record, 'main'), segmentsOf(record, 'audio')]).toEqual([3, 3])
    const written = await readFile(join(run.dir, 'journal.ndjson'), 'utf8')
    expect(written.replaceAll(`"${classDir}"`, '"cls_a"')).toBe(text)
  }
}, 60_000)

test('[OFF19] garbage in the middle of a journal is told in words, once, and nothing is appended to it', async () => {
  const run = newRun('garbled', 'moving', moving.slice(0, 4))
  await run.copy()
  await run.list('index.m3u8', 0, 2)
  run.follow(false)
  await expect.poll(() => countOf(run), WAIT).toBe(2)
  await run.close()
  const journal = join(run.dir, 'journal.ndjson')
  await appendFile(journal, '{"t":"segm\n{"t":"picture"}\n')
  const before = await readFile(journal, 'utf8')
  const line = before.split('\n').length - 2
  await run.list('index.m3u8', 0, 4, '#EXT-X-ENDLIST\n')
  run.follow(false)
  const told = () => run.problems.filter(({ level }) => level === 50).map(({ err }) => err.message)
  await expect.poll(told, WAIT).toHaveLength(1)
  expect(told()[0]).toBe(`line ${line} of ${journal} is none of a journal`)
  await run.close()
  expect(run.problems).toHaveLength(1)
  expect(await readFile(journal, 'utf8')).toBe(before)
})
