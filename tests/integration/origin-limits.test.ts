import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { createOriginRig, fetchUntil, isPrompt, measureRequest, type OriginRig } from '../support/origin'
import { FULL_PARTS, toInitLine, toRunLine } from '../support/run-lines'

/** More than the kernel takes for a reader who does not read. */
const PART_BYTES = 2 * 1024 * 1024
const SEGMENTS = 3
/** What one viewer may have under way (`SENDING_PER_TOKEN`), and hold (`HELD_PER_TOKEN`). */
const [SENDING, HELD] = [32, 16]
/** Who has not taken a segment by then is cut off; an origin in earnest waits a minute. */
const SLOWEST_MS = 3_000
const SLOW_READERS = 40
/** Three segments of 19 MB, whoever reads them, and what a busy process takes besides. */
const MOST_MEMORY_BYTES = 150 * 1024 * 1024
let rig: OriginRig
let url: string
let classId: string
let runName: string
const sockets: Socket[] = []

beforeAll(async () => {
  rig = await createOriginRig()
  const made = rig.newClass()
  classId = made.classId
  runName = made.runId(1)
  writeLargeRun()
  await rig.setPlan({ classId, ended: false, recorded: true, runs: [{ runId: runName, base: 0 }] })
  url = (await rig.start({ holdMs: 60_000 })).url
  await fetchUntil(`${await baseFor('per_0')}/index.m3u8`, 200)
})
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy()
})
afterAll(() => rig.stop())

const baseFor = async (personId: string) => `${url}/${await rig.watchToken(classId, personId)}/${classId}`
const metric = async (pattern: RegExp) =>
  Number(pattern.exec(await (await fetch(`${url}/metrics`)).text())?.[1] ?? 0)

function writeLargeRun() {
  const dir = join(rig.dir, classId, runName)
  mkdirSync(dir, { recursive: true })
  const lines = [toRunLine(runName), toInitLine('main', 0)]
  const content = randomBytes(PART_BYTES)
  writeFileSync(join(dir, 'main-init-0.mp4'), randomBytes(700))
  for (let segment = 0; segment < SEGMENTS; segment++) {
    const file = `main-${segment}.m4s`
    writeFileSync(join(dir, file), Buffer.concat(FULL_PARTS.map(() => content)))
    for (const [part, duration] of FULL_PARTS.entries()) {
      const place = { segment, part, file, offset: part * PART_BYTES, size: PART_BYTES, duration }
      const head = part === 0 ? { init: 0, discontinuity: false } : {}
      const line = {
        t: 'part',
        variant: 'main',
        ...place,
        independent: part === 0,
        pdt: segment * 2000,
        ...head,
      }
      lines.push(JSON.stringify(line))
    }
    const size = FULL_PARTS.length * PART_BYTES
    lines.push(JSON.stringify({ t: 'segment', variant: 'main', segment, duration: 1.99997, size }))
  }
  writeFileSync(join(dir, 'journal.ndjson'), `${lines.join('\n')}\n`)
}

/** Sends requests one behind the other; reads what comes if it shall, and remembers the statuses. */
function send(paths: string[], reads: boolean): { statuses: string[] } {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  sockets.push(socket)
  const statuses: string[] = []
  socket.on('error', () => {})
  socket.write(paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: origin\r\n\r\n`).join(''))
  if (reads) socket.on('data', (text) => statuses.push(...(String(text).match(/HTTP\/1\.1 \d+/g) ?? [])))
  return { statuses }
}

test('[OLM1] ten thousand requests that one viewer wants held are refused but for a few, and nobody else notices', async () => {
  const greedy = new URL(await baseFor('per_greedy')).pathname
  const path = `${greedy}/main.m3u8?_HLS_msn=${SEGMENTS}&_HLS_part=0`
  for (let connection = 0; connection < 100; connection++)
    send(
      Array.from({ length: 100 }, () => path),
      true,
    )
  const other = await baseFor('per_other')
  const refused = () => metric(/kind="reload",status="429"\} (\d+)/)
  await expect.poll(refused, { timeout: 50_000 }).toBe(10_000 - HELD)
  expect(await metric(/held_requests (\d+)/)).toBe(HELD)
  const measure = measureRequest()
  expect((await fetch(`${other}/main.m3u8`)).status).toBe(200)
  expect(measure()).toSatisfy(isPrompt)
  const held = send([`${new URL(other).pathname}/main.m3u8?_HLS_msn=${SEGMENTS}`], true)
  await expect.poll(() => metric(/held_requests (\d+)/)).toBe(HELD + 1)
  expect(held.statuses).toEqual([])
  for (const socket of sockets) socket.destroy()
  await expect.poll(() => metric(/held_requests (\d+)/)).toBe(0)
}, 90_000)

test('[OLM2] who asks for more and more and takes none of it is refused, and keeps nobody else from watching', async () => {
  const path = `${new URL(await baseFor('per_slow')).pathname}/${runName}/main-0.m4s`
  for (let connection = 0; connection < SENDING; connection++) send([path], false)
  await expect
    .poll(async () => (await fetch(`${url}${path}`, { method: 'HEAD' })).status, { timeout: 10_000 })
    .toBe(429)
  const other = await fetch(`${await baseFor('per_quick')}/${runName}/main-0.m4s`)
  expect((await other.arrayBuffer()).byteLength).toBe(FULL_PARTS.length * PART_BYTES)
  for (const socket of sockets) socket.destroy()
  await expect
    .poll(async () => (await fetch(`${url}${path}`, { method: 'HEAD' })).status, { timeout: 10_000 })
    .toBe(200)
})

test('[OLM5] whoever leaves while their token is still looked at has nothing under way', async () => {
  const path = `${new URL(await baseFor('per_fickle')).pathname}/${runName}/main-0.m4s`
  const leave = () => metric(/requests_total\{kind="media",status="200"\} (\d+)/)
  const before = await leave()
  process.kill(rig.redis.pid, 'SIGSTOP')
  try {
    for (let connection = 0; connection < SENDING; connection++) send([path], false)
    const isSent = () => sockets.every((socket) => !socket.connecting && socket.writableLength === 0)
    await expect.poll(isSent).toBe(true)
    for (const socket of sockets) socket.destroy()
    // Answered after all that came before it: the origin has seen them leave.
    await leave()
  } finally {
    process.kill(rig.redis.pid, 'SIGCONT')
  }
  await expect.poll(leave, { timeout: 10_000 }).toBe(before + SENDING)
  expect((await fetch(`${url}${path}`, { method: 'HEAD' })).status).toBe(200)
})

test('[OLM3] a header that never ends, a method nobody knows and a target that is no path break nothing', async () => {
  const statusOf = (text: string) =>
    new Promise<string>((resolve) => {
      const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write(text))
      sockets.push(socket)
      let answer = ''
      socket.on('data', (chunk) => {
        answer += chunk
        if (answer.includes('\r\n')) resolve(answer.split(' ')[1] ?? '')
      })
      socket.on('error', () => resolve('reset'))
    })
  expect(await statusOf(`GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`)).toBe('431')
  expect(await statusOf('BREW /pot HTTP/1.1\r\nHost: origin\r\n\r\n')).toBe('400')
  expect(await statusOf('GET http://elsewhere/ HTTP/1.1\r\nHost: origin\r\n\r\n')).toBe('404')
  expect(await statusOf(`GET /${'a/'.repeat(4000)} HTTP/1.1\r\nHost: origin\r\n\r\n`)).toBe('404')
  expect((await fetch(`${await baseFor('per_1')}/main.m3u8`)).status).toBe(200)
})

test('[OLM4] who reads a byte a second is cut off, and however many do, they hold no more memory than one', async () => {
  const slow = await rig.start({ slowestMs: SLOWEST_MS })
  const metric = async (name: string) =>
    Number(new RegExp(`${name} (\\d+)`).exec(await (await fetch(`${slow.url}/metrics`)).text())?.[1])
  const pathFor = async (personId: string) =>
    `/${await rig.watchToken(classId, personId)}/${classId}/${runName}/main`
  const good = `${slow.url}${await pathFor('per_good')}`
  await fetchUntil(`${good}-init-0.mp4`, 200)
  const before = await metric('resident_bytes')
  for (let reader = 0; reader < SLOW_READERS; reader++) {
    const path = await pathFor(`per_slow_${reader}`)
    const socket = connect(slow.port, '127.0.0.1', () =>
      socket.write(`GET ${path}-${reader % SEGMENTS}.m4s HTTP/1.1\r\nHost: o\r\n\r\n`),
    )
    sockets.push(socket)
    socket.on('error', () => {}).pause()
  }
  let most = 0
  const sip = async () => {
    for (const socket of sockets) socket.read(1)
    const measure = measureRequest()
    expect((await fetch(`${good}-0.0.m4s`, { method: 'HEAD' })).status).toBe(200)
    expect(measure()).toSatisfy(isPrompt)
    most = Math.max(most, (await metric('resident_bytes')) - before)
    return metric('cut_off_total')
  }
  await expect.poll(sip, { timeout: 20_000, interval: 1_000 }).toBe(SLOW_READERS)
  expect(most).toBeLessThan(MOST_MEMORY_BYTES)
})
