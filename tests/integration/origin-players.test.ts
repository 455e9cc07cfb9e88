import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createOriginRig, fetchUntil, type OriginRig } from '../support/origin'
import { recordTapes, type Tape } from '../support/tape'
import { createTapeWorker } from '../support/tape-worker'

const run = promisify(execFile)
const START = Date.parse('2025-11-23T10:00:00.000Z')
/** What ffmpeg says of bytes or playlists that it does not like. */
const COMPLAINT = /error|invalid|corrupt|skip|expired/i
/** How it greets the init segment of a second run. */
const SECOND_INIT = /Found duplicated MOOV Atom/
let rig: OriginRig
let tapes: Tape[]

beforeAll(async () => {
  ;[rig, tapes] = await Promise.all([createOriginRig(), recordTapes(22)])
})
afterAll(() => rig.stop())

async function openClass() {
  const { classId, runId } = rig.newClass()
  const worker = createTapeWorker(rig.dir, classId, runId(1), tapes, START)
  const { url } = await rig.start()
  const base = `${url}/${await rig.watchToken(classId)}/${classId}`
  return { classId, runId, worker, base }
}

test('[OPL1] ffprobe reads the replay of two runs without a complaint, picture and sound', async () => {
  const { classId, runId, worker, base } = await openClass()
  worker.writeTo(5, 4)
  const second = createTapeWorker(rig.dir, classId, runId(2), tapes, START + 60_000)
  second.writeTo(4)
  const runs = [
    { runId: runId(1), base: 0, end: worker.reached() },
    { runId: runId(2), base: 6, end: second.reached() },
  ]
  await rig.setPlan({ classId, ended: true, recorded: true, runs })
  await fetchUntil(`${base}/index.m3u8`, 200)
  const show = ['-show_entries', 'format=duration:stream=codec_name,width', '-of', 'json']
  const { stdout, stderr } = await run('ffprobe', ['-v', 'warning', ...show, `${base}/index.m3u8`])
  const found: { streams: { codec_name: string; width?: number }[]; format: { duration: string } } =
    JSON.parse(stdout)
  expect(stderr).toBe('')
  expect(found.streams.map(({ codec_name }) => codec_name)).toEqual(expect.arrayContaining(['h264', 'aac']))
  expect(Number(found.format.duration)).toBeCloseTo(18.95, 1)
})

test('[OPL2] ffmpeg follows the live playlist over the death of a run to the end of the class', async () => {
  const { classId, runId, worker, base } = await openClass()
  worker.writeTo(3)
  await rig.setPlan({ classId, ended: false, recorded: true, runs: [{ runId: runId(1), base: 0 }] })
  await fetchUntil(`${base}/main.m3u8`, 200)
  const args = ['-hide_banner', '-loglevel', 'warning', '-live_start_index', '0', '-i', `${base}/main.m3u8`]
  const player = spawn('ffmpeg', [...args, '-map', '0:v', '-c', 'copy', '-f', 'framecrc', '-'])
  const packets: string[] = []
  const complaints: string[] = []
  player.stdout.on('data', (text) =>
    packets.push(
      ...String(text)
        .split('\n')
        .filter((line) => /^0,/.test(line)),
    ),
  )
  player.stderr.on('data', (text) => complaints.push(String(text)))
  await expect.poll(() => packets.length, { timeout: 20_000 }).toBeGreaterThan(0)
  worker.writeTo(4, 3)
  const second = createTapeWorker(rig.dir, classId, runId(2), tapes, START + 60_000)
  second.writeTo(3)
  const first = { runId: runId(1), base: 0, end: worker.reached() }
  await rig.setPlan({ classId, ended: false, recorded: true, runs: [first, { runId: runId(2), base: 5 }] })
  await fetchUntil(`${base}/${runId(2)}/main-2.m4s`, 200)
  second.end()
  const runs = [first, { runId: runId(2), base: 5, end: second.reached() }]
  await rig.setPlan({ classId, ended: true, recorded: true, runs })
  const [code] = await once(player, 'close')
  expect(code).toBe(0)
  // 4 whole segments and 3 parts of the first run, 3 whole segments of the second, at 30 frames a second.
  expect(packets.length).toBe(4 * 60 + 3 * 7 + 3 * 60)
  expect(
    complaints
      .join('')
      .split('\n')
      .filter((line) => COMPLAINT.test(line) && !SECOND_INIT.test(line)),
  ).toEqual([])
}, 60_000)
