import { existsSync } from 'node:fs'
import { appendFile, mkdir, readdir, readFile, rm, truncate, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDirectoryArchive } from '../../egress/origin/directory-archive'
import { overRecordingsKey } from '../../server/redis/names'
import { type ReadPlaylist, readMediaPlaylist } from '../protocol-checks/media-playlist'
import { checkPlaylist, checkReload } from '../protocol-checks/playlist-validator'
import { createOriginRig, fetchUntil, type OriginRig } from '../support/origin'
import { recordTapes, type Tape } from '../support/tape'
import { createTapeWorker } from '../support/tape-worker'

const START = Date.parse('2025-11-23T10:00:00.000Z')
const HOUR_MS = 3_600_000
let rig: OriginRig
let tapes: Tape[]
let url: string

beforeAll(async () => {
  ;[rig, tapes] = await Promise.all([createOriginRig(), recordTapes(12)])
  url = (await rig.start()).url
})
afterAll(() => rig.stop())

async function openClass() {
  const { classId, runId } = rig.newClass()
  const worker = createTapeWorker(rig.dir, classId, runId(1), tapes, START)
  const plan = { classId, ended: false, recorded: true, runs: [{ runId: runId(1), base: 0 }] }
  await rig.setPlan(plan)
  const base = `${url}/${await rig.watchToken(classId)}/${classId}`
  return { classId, runId, worker, plan, base, dir: join(rig.dir, classId, runId(1)) }
}

const load = async (address: string) => readMediaPlaylist(await (await fetchUntil(address, 200)).text())

/** Everything that a playlist names is there, and nothing in it is torn. */
async function fetchAll(base: string, playlist: ReadPlaylist) {
  for (const { parts, whole, gap, map } of playlist.segments) {
    if (gap) continue
    for (const { uri } of [...parts, ...(whole ? [whole] : []), ...(map ? [{ uri: map }] : [])]) {
      const answer = await fetch(`${base}/${uri}`)
      const bytes = Buffer.from(await answer.arrayBuffer())
      expect([answer.status, bytes.length], uri).toEqual([200, Number(answer.headers.get('content-length'))])
    }
  }
}

const WRONG_LINES = {
  'a part of 0 bytes':
    '{"t":"part","variant":"main","segment":2,"part":2,"file":"main-2.m4s","offset":0,"size":0,"duration":0.2,"independent":false,"pdt":1}',
  'a line that a full disk tore off': '{"t":"part","variant":"main","segment":2,"par',
  'a file above the run':
    '{"t":"init","variant":"x","init":0,"file":"../../x","size":1,"codecs":"mp4a.40.2"}',
  'a date that is none': '{"t":"picture","at":1e300,"main":null,"aside":null}',
  'a variant that has a line in it':
    '{"t":"init","variant":"x\\n#EXT-X-ENDLIST","init":0,"file":"x.mp4","size":1,"codecs":"mp4a.40.2"}',
  'no JSON': '\u0000\u0001\u0002',
}

for (const [what, line] of Object.entries(WRONG_LINES)) {
  test(`[OFA1] ${what} ends its run where it stands, and the next run goes on from there`, async () => {
    const { classId, runId, worker, plan, base } = await openClass()
    worker.writeTo(2, 2)
    const before = await load(`${base}/main.m3u8?_HLS_msn=2&_HLS_part=1`)
    const end = worker.reached()
    worker.writeRaw(`${line}\n`)
    worker.step()
    const second = createTapeWorker(rig.dir, classId, runId(2), tapes, START + 60_000)
    second.writeTo(1)
    await rig.setPlan({
      ...plan,
      runs: [
        { runId: runId(1), base: 0, end },
        { runId: runId(2), base: 3 },
      ],
    })
    const after = await load(`${base}/main.m3u8?_HLS_msn=3`)
    expect([...checkPlaylist(after), ...checkReload(before, after)]).toEqual([])
    expect(after.segments.find(({ msn }) => msn === 2)?.parts).toHaveLength(2)
    await fetchAll(base, after)
  })
}

test('[OFA2] a journal that arrives in pieces, cut anywhere, lists only what is whole', async () => {
  const { worker, base, dir } = await openClass()
  worker.writeTo(4)
  const lines = await readFile(join(dir, 'journal.ndjson'))
  const made = rig.newClass()
  const otherDir = join(rig.dir, made.classId, made.runId(1))
  await mkdir(otherDir, { recursive: true })
  const name = new RegExp(/run_[0-9a-f]+_1/.exec(lines.toString())?.[0] ?? '', 'g')
  const own = Buffer.from(lines.toString().replace(name, made.runId(1)))
  for (const file of await readdir(dir)) {
    if (file !== 'journal.ndjson') await writeFile(join(otherDir, file), await readFile(join(dir, file)))
  }
  const runs = [{ runId: made.runId(1), base: 0 }]
  await rig.setPlan({ classId: made.classId, ended: false, recorded: true, runs })
  const otherBase = `${url}/${await rig.watchToken(made.classId)}/${made.classId}`
  let before: ReadPlaylist | null = null
  for (let at = 0; at < own.length; at += 997) {
    await appendFile(join(otherDir, 'journal.ndjson'), own.subarray(at, at + 997))
    const answer = await fetch(`${otherBase}/main.m3u8`)
    if (answer.status !== 200) continue
    const now = readMediaPlaylist(await answer.text())
    expect([...checkPlaylist(now), ...(before ? checkReload(before, now) : [])]).toEqual([])
    before = now
  }
  const [one, two] = await Promise.all(
    [base, otherBase].map((place) => load(`${place}/main.m3u8?_HLS_msn=3`)),
  )
  expect(two?.segments.map(({ whole }) => whole?.seconds)).toEqual(
    one?.segments.map(({ whole }) => whole?.seconds),
  )
})

test('[OFA3] what was lost on the disk becomes a gap when somebody asks for it, and the rest goes on', async () => {
  const { worker, base, dir, runId } = await openClass()
  worker.writeTo(3)
  await fetchUntil(`${base}/index.m3u8`, 200)
  await truncate(join(dir, 'main-1.m4s'), 100)
  const lost = await fetch(`${base}/${runId(1)}/main-1.m4s`)
  expect([lost.status, (await lost.json()).code]).toEqual([404, 'media_missing'])
  const playlist = await load(`${base}/main.m3u8`)
  expect(playlist.segments.map(({ gap }) => gap)).toEqual([false, true, false])
  expect(checkPlaylist(playlist)).toEqual([])
  await fetchAll(base, playlist)
  expect(await (await fetch(`${url}/metrics`)).text()).toContain('missing_media_total 1')
})

test('[OFA6] a segment whose file is empty, though the journal speaks of it, is a gap and never a torn answer', async () => {
  const { worker, base, dir, runId } = await openClass()
  worker.writeTo(3)
  await fetchUntil(`${base}/index.m3u8`, 200)
  await truncate(join(dir, 'main-1.m4s'), 0)
  for (const name of ['main-1.m4s', 'main-1.0.m4s']) {
    for (const headers of [undefined, { Range: 'bytes=0-9' }]) {
      const lost = await fetch(`${base}/${runId(1)}/${name}`, { headers })
      expect([lost.status, lost.headers.get('content-type')], name).toEqual([404, 'application/problem+json'])
      expect((await lost.text()).length).toBe(Number(lost.headers.get('content-length')))
    }
  }
  const playlist = await load(`${base}/main.m3u8`)
  expect(playlist.segments.map(({ gap }) => gap)).toEqual([false, true, false])
  expect(checkPlaylist(playlist)).toEqual([])
  await fetchAll(base, playlist)
})

test('[OFA4] a replay lists no file that is gone', async () => {
  const { worker, plan, base, dir, runId } = await openClass()
  worker.writeTo(4)
  await rm(join(dir, 'main-2.m4s'))
  const runs = [{ runId: runId(1), base: 0, end: worker.reached() }]
  await rig.setPlan({ ...plan, ended: true, runs })
  const fresh = await rig.start()
  const place = base.replace(url, fresh.url)
  await fetchUntil(`${place}/index.m3u8`, 200)
  const replay = await load(`${place}/main.replay.m3u8`)
  expect(replay.segments.map(({ gap }) => gap)).toEqual([false, false, true, false])
  await fetchAll(place, replay)
})

test('[OFA5] a quota deletes what was not recorded and is oldest, tells of it, and leaves alone what is on', async () => {
  const own = await createOriginRig()
  const seed = async (recorded: boolean, ended: boolean, hoursAgo: number) => {
    const { classId, runId } = own.newClass()
    const worker = createTapeWorker(own.dir, classId, runId(1), tapes, START)
    worker.writeTo(3)
    await own.setPlan({
      classId,
      ended,
      recorded,
      runs: [{ runId: runId(1), base: 0, end: worker.reached() }],
    })
    const dir = join(own.dir, classId, runId(1))
    const at = (Date.now() - hoursAgo * HOUR_MS) / 1000
    for (const file of await readdir(dir)) await utimes(join(dir, file), at, at)
    return classId
  }
  const [oldRecorded, oldLive, unrecorded, young] = [
    await seed(true, true, 90),
    await seed(false, false, 99),
    await seed(false, true, 20),
    await seed(false, true, 10),
  ]
  const archive = createDirectoryArchive(own.dir)
  const { bytes } = await archive.measure(unrecorded)
  const isThere = (classId: string) => existsSync(join(own.dir, classId))
  try {
    const first = await own.start({ disk: { archive, quotaBytes: Math.round(bytes * 3.5), lookMs: 50 } })
    await expect.poll(() => isThere(unrecorded), { timeout: 10_000 }).toBe(false)
    expect([oldRecorded, oldLive, young].map(isThere)).toEqual([true, true, true])
    const metrics = async () => (await fetch(`${first.url}/metrics`)).text()
    await expect.poll(metrics).toMatch(/disk_deleted_total 1\n/)
    await first.close()
    await own.start({ disk: { archive, quotaBytes: Math.round(bytes * 1.5), lookMs: 50 } })
    await expect.poll(() => isThere(oldRecorded), { timeout: 10_000 }).toBe(false)
    expect([isThere(young), isThere(oldLive)]).toEqual([false, true])
    await expect.poll(() => own.client.smembers(overRecordingsKey)).toEqual([oldRecorded])
  } finally {
    await own.stop()
  }
})
