import { afterAll, beforeAll, expect, test } from 'vitest'
import { mergeDelta, readMediaPlaylist } from '../protocol-checks/media-playlist'
import { checkPlaylist, checkReload } from '../protocol-checks/playlist-validator'
import { readByOthers } from '../protocol-checks/public-parsers'
import { createOriginRig, fetchUntil, type OriginRig } from '../support/origin'
import { recordTapes, type Tape } from '../support/tape'
import { createTapeWorker } from '../support/tape-worker'

const TAPE_SECONDS = 44
const START = Date.parse('2025-11-23T10:00:00.000Z')
let rig: OriginRig
let tapes: Tape[]

beforeAll(async () => {
  ;[rig, tapes] = await Promise.all([createOriginRig(), recordTapes(TAPE_SECONDS)])
})
afterAll(() => rig.stop())

async function openClass(origins = 1, holdMs = 5000) {
  const { classId, runId } = rig.newClass()
  const worker = createTapeWorker(rig.dir, classId, runId(1), tapes, START)
  const plan = { classId, ended: false, recorded: true, runs: [{ runId: runId(1), base: 0 }] }
  await rig.setPlan(plan)
  const token = await rig.watchToken(classId)
  const started = await Promise.all(Array.from({ length: origins }, () => rig.start({ holdMs })))
  const [base = '', other = ''] = started.map(({ url }) => `${url}/${token}/${classId}`)
  return { classId, runId, worker, plan, base, other }
}

const load = async (url: string) => readMediaPlaylist(await (await fetchUntil(url, 200)).text())

test('[ORG1] there is no broadcast before the first whole segment, and then there is one', async () => {
  const { worker, base } = await openClass(1, 50)
  const before = await fetch(`${base}/index.m3u8`)
  expect([before.status, before.headers.get('retry-after')]).toEqual([404, '1'])
  expect(before.headers.get('content-type')).toBe('application/problem+json')
  expect(await before.json()).toMatchObject({ code: 'broadcast_not_started', status: 404 })
  worker.writeTo(1)
  const index = await (await fetchUntil(`${base}/index.m3u8`, 200)).text()
  expect(index).toMatch(/BANDWIDTH=\d+,AVERAGE-BANDWIDTH=\d+,CODECS="avc1[^"]+",RESOLUTION=320x180/)
  expect(index.trim().split('\n').at(-1)).toBe('audio.m3u8')
})

test('[ORG1] who comes while it begins is held, and has it as soon as it is there', async () => {
  const { worker, base } = await openClass(1, 5000)
  const held = fetch(`${base}/index.m3u8`)
  await fetchUntil(`${base}/main.m3u8`, 404)
  worker.writeTo(1)
  expect((await held).status).toBe(200)
})

test('[ORG1] nobody is held for a broadcast that is off', async () => {
  const { classId, runId } = rig.newClass()
  const end = { segments: 0, lastParts: 0 }
  await rig.setPlan({ classId, ended: false, recorded: true, runs: [{ runId: runId(1), base: 0, end }] })
  const { url } = await rig.start({ holdMs: 60_000 })
  expect((await fetch(`${url}/${await rig.watchToken(classId)}/${classId}/index.m3u8`)).status).toBe(404)
})

test('[ORG2] a blocked reload is answered when its part comes, not before', async () => {
  const { worker, base } = await openClass()
  worker.writeTo(1, 2)
  await fetchUntil(`${base}/main.m3u8`, 200)
  const order: string[] = []
  const held = fetch(`${base}/main.m3u8?_HLS_msn=1&_HLS_part=2`).then(async (response) => {
    order.push('answer')
    return readMediaPlaylist(await response.text())
  })
  const free = await load(`${base}/main.m3u8?_HLS_msn=1&_HLS_part=1`)
  expect(free.segments.at(-1)?.parts.length).toBe(2)
  order.push('part')
  worker.step()
  expect((await held).segments.at(-1)?.parts.length).toBe(3)
  expect(order).toEqual(['part', 'answer'])
})

test('[ORG3] a part that is only hinted at is held until it is there', async () => {
  const { worker, base, runId } = await openClass()
  worker.writeTo(1, 2)
  const hint = (await load(`${base}/main.m3u8`)).hint
  expect(hint).toBe(`${runId(1)}/main-1.2.m4s`)
  const held = fetch(`${base}/${hint}`)
  const metrics = async () => (await fetch(new URL('/metrics', base))).text()
  await expect.poll(metrics).toMatch(/held_requests 1\n/)
  worker.step()
  const part = Buffer.from(await (await held).arrayBuffer())
  expect(part.equals(tapes[0]?.segments[1]?.[2]?.bytes ?? Buffer.alloc(0))).toBe(true)
  expect((await fetch(`${base}/${runId(1)}/main-1.7.m4s`)).status).toBe(404)
})

test('[ORG4] a reload that waits in vain is told so with 503, one out of reach with 400', async () => {
  const { classId, runId } = rig.newClass()
  createTapeWorker(rig.dir, classId, runId(1), tapes, START).writeTo(2)
  await rig.setPlan({ classId, ended: false, recorded: true, runs: [{ runId: runId(1), base: 0 }] })
  const { url } = await rig.start({ holdMs: 50 })
  const base = `${url}/${await rig.watchToken(classId)}/${classId}`
  await fetchUntil(`${base}/main.m3u8`, 200)
  expect((await fetch(`${base}/main.m3u8?_HLS_msn=2&_HLS_part=0`)).status).toBe(503)
  for (const query of ['_HLS_msn=4', '_HLS_msn=-1', '_HLS_msn=x', '_HLS_part=1', '_HLS_msn=2&_HLS_part=99']) {
    expect((await fetch(`${base}/main.m3u8?${query}`)).status, query).toBe(400)
  }
})

test('[ORG5] two origins give the same bytes, and every viewer gets the same', async () => {
  const { worker, base, other, classId } = await openClass(2)
  worker.writeTo(4, 5)
  const token = await rig.watchToken(classId, 'per_2')
  const names = ['main.m3u8?_HLS_msn=4&_HLS_part=4', 'audio.m3u8?_HLS_msn=4&_HLS_part=4', 'index.m3u8']
  for (const name of names) {
    await fetchUntil(`${other}/main.m3u8?_HLS_msn=4&_HLS_part=4`, 200)
    const texts = [base, other, base.replace(/\/[^/]+(\/[^/]+)$/, `/${token}$1`)].map(async (place) =>
      (await fetchUntil(`${place}/${name}`, 200)).text(),
    )
    expect(new Set(await Promise.all(texts)).size, name).toBe(1)
    expect(await texts[0]).not.toContain(token)
  }
})

test('[ORG6] a player that follows part by part over the death of a run never sees an illegal playlist', async () => {
  const { classId, runId, worker, base } = await openClass()
  worker.writeTo(2)
  let before = await load(`${base}/main.m3u8`)
  let steps = 0
  const follow = async (write: () => boolean) => {
    const last = before.segments.at(-1)
    const isOpen = last !== undefined && last.whole === null
    const [msn, part] = isOpen ? [last.msn, last.parts.length] : [(last?.msn ?? -1) + 1, 0]
    const skip = steps % 2 === 0 ? 'YES' : 'v2'
    const reload = fetch(`${base}/main.m3u8?_HLS_msn=${msn}&_HLS_part=${part}&_HLS_skip=${skip}`)
    write()
    const text = await (await reload).text()
    if (!text.includes('EXT-X-SKIP')) expect(readByOthers(text)).toEqual([])
    const delta = readMediaPlaylist(text)
    const now = mergeDelta(before, delta)
    expect([...checkPlaylist(now), ...checkReload(before, now)], `msn ${msn} part ${part}`).toEqual([])
    before = now
    steps += 1
  }
  for (let count = 0; count < 170; count++) await follow(worker.step)
  const base2 = worker.reached().segments
  const second = createTapeWorker(rig.dir, classId, runId(2), tapes, START + 60_000)
  const first = { runId: runId(1), base: 0, end: worker.reached() }
  const runs = [first, { runId: runId(2), base: base2 }]
  second.step()
  await follow(() => void rig.setPlan({ classId, ended: false, recorded: true, runs }) === undefined)
  for (let count = 0; count < 170; count++) await follow(second.step)
  expect(steps).toBe(341)
  expect(before.segments[0]).toMatchObject({ msn: 0, dsn: 0 })
  expect(before.segments.at(-1)?.dsn).toBe(1)
  const whole = await load(`${base}/main.m3u8`)
  expect(before.segments.map(({ whole: media }) => media)).toEqual(
    whole.segments.map(({ whole: media }) => media),
  )
}, 60_000)

test('[ORG7] a frozen run lists nothing that its journal goes on to say, also not to an origin that starts later', async () => {
  const { classId, runId, worker, plan, base } = await openClass()
  worker.writeTo(3, 4)
  const before = await load(`${base}/main.m3u8?_HLS_msn=3&_HLS_part=3`)
  const second = createTapeWorker(rig.dir, classId, runId(2), tapes, START + 60_000)
  second.step()
  const first = { runId: runId(1), base: 0, end: worker.reached() }
  await rig.setPlan({ ...plan, runs: [first, { runId: runId(2), base: 4 }] })
  await load(`${base}/main.m3u8?_HLS_msn=4&_HLS_part=0`)
  worker.writeTo(6)
  second.writeTo(1)
  const after = await load(`${base}/main.m3u8?_HLS_msn=4`)
  const last = after.segments.find(({ msn }) => msn === 3)
  expect(last?.parts.map(({ uri }) => uri)).toEqual(before.segments.at(-1)?.parts.map(({ uri }) => uri))
  expect(after.segments.find(({ msn }) => msn === 4)?.whole?.uri).toBe(`${runId(2)}/main-0.m4s`)
  const bytes = Buffer.from(await (await fetch(`${base}/${runId(1)}/main-3.m4s`)).arrayBuffer())
  const listed = tapes[0]?.segments[3]?.slice(0, 4).map((part) => part.bytes) ?? []
  expect(bytes.equals(Buffer.concat(listed))).toBe(true)
  const { url } = await rig.start()
  const fresh = await fetchUntil(`${url}/${new URL(base).pathname.slice(1)}/main.m3u8?_HLS_msn=4`, 200)
  expect(readMediaPlaylist(await fresh.text())).toEqual(after)
  for (const name of ['main-3.4.m4s', 'main-4.m4s', 'main-5.0.m4s']) {
    expect((await fetch(`${base}/${runId(1)}/${name}`)).status, name).toBe(404)
  }
})

test('[ORG8] while a dead run waits for the next one its playlist stays, without an end', async () => {
  const { runId, worker, plan, base } = await openClass()
  worker.writeTo(3, 4)
  const before = await load(`${base}/main.m3u8?_HLS_msn=3&_HLS_part=3`)
  worker.writeRaw('{"t":"part","variant":"main","seg')
  await rig.setPlan({ ...plan, runs: [{ runId: runId(1), base: 0, end: worker.reached() }] })
  await fetchUntil(`${base}/${runId(1)}/main-3.m4s`, 200)
  const after = await load(`${base}/main.m3u8`)
  expect([...checkPlaylist(after), ...checkReload(before, after)]).toEqual([])
  expect([after.ended, after.hint]).toEqual([false, null])
})

test('[ORG9] the end of the class ends every playlist, and the whole of it can be seen again', async () => {
  const { runId, worker, plan, base } = await openClass()
  worker.writeTo(3, 4)
  const before = await load(`${base}/main.m3u8?_HLS_msn=3&_HLS_part=3`)
  const held = fetch(`${base}/main.m3u8?_HLS_msn=3&_HLS_part=4`)
  worker.end()
  await rig.setPlan({ ...plan, ended: true, runs: [{ runId: runId(1), base: 0, end: worker.reached() }] })
  const last = readMediaPlaylist(await (await held).text())
  expect([...checkPlaylist(last), ...checkReload(before, last)]).toEqual([])
  expect(last.ended).toBe(true)
  expect(await (await fetch(`${base}/index.m3u8`)).text()).toContain('\nmain.replay.m3u8\n')
  const replay = await load(`${base}/main.replay.m3u8`)
  expect(checkPlaylist(replay)).toEqual([])
  expect([replay.isVod, replay.ended, replay.segments.length]).toEqual([true, true, 4])
})

test('[ORG10] garbage in a journal stops that run where it stands and breaks nothing else', async () => {
  const { worker, base } = await openClass()
  const other = await openClass()
  worker.writeTo(2, 2)
  other.worker.writeTo(2, 2)
  await load(`${base}/main.m3u8?_HLS_msn=2&_HLS_part=1`)
  worker.writeRaw('\u0000\u0001 not json\n')
  worker.step()
  other.worker.step()
  await load(`${other.base}/main.m3u8?_HLS_msn=2&_HLS_part=2`)
  expect((await load(`${base}/main.m3u8`)).segments.at(-1)?.parts).toHaveLength(2)
  const metrics = await (await fetch(new URL('/metrics', base))).text()
  expect(metrics).toContain('amphi_origin_journal_problems_total 1')
})

test('[ORG11] an ended class that nobody watches leaves the memory, and comes back when it is asked for', async () => {
  const quiet = await createOriginRig()
  const { classId, runId } = quiet.newClass()
  const worker = createTapeWorker(quiet.dir, classId, runId(1), tapes, START)
  worker.writeTo(2)
  const runs = [{ runId: runId(1), base: 0, end: worker.reached() }]
  await quiet.setPlan({ classId, ended: true, recorded: true, runs })
  const { url } = await quiet.start({ idleMs: 1 })
  const base = `${url}/${await quiet.watchToken(classId)}/${classId}`
  const classes = async () =>
    /amphi_origin_classes (\d+)/.exec(await (await fetch(`${url}/metrics`)).text())?.[1]
  try {
    await fetchUntil(`${base}/index.m3u8`, 200)
    await expect.poll(classes, { timeout: 10_000 }).toBe('0')
    expect((await fetch(`${base}/main.replay.m3u8`)).status).toBe(200)
  } finally {
    await quiet.stop()
  }
})
