import { afterAll, beforeAll, expect, test } from 'vitest'
import { ENTRY_BYTES } from '../../egress/origin/byte-cache'
import { createTokens } from '../../server/people/tokens'
import { createOriginRig, fetchUntil, type OriginRig } from '../support/origin'
import { recordTapes, type Tape } from '../support/tape'
import { createTapeWorker } from '../support/tape-worker'

let rig: OriginRig
let tapes: Tape[]
let url: string
let classId: string
let runName: string

beforeAll(async () => {
  ;[rig, tapes] = await Promise.all([createOriginRig(), recordTapes(8)])
  const made = rig.newClass()
  classId = made.classId
  runName = made.runId(1)
  createTapeWorker(rig.dir, classId, runName, tapes, Date.now()).writeTo(2)
  await rig.setPlan({ classId, ended: false, recorded: false, runs: [{ runId: runName, base: 0 }] })
  url = (await rig.start()).url
  await fetchUntil(`${url}/${await rig.watchToken(classId)}/${classId}/index.m3u8`, 200)
})
afterAll(() => rig.stop())

const codeOf = async (path: string) => {
  const response = await fetch(`${url}/${path}`)
  return `${response.status} ${(await response.json()).code}`
}

test('[OAC1] a forged, foreign, expired or wrong kind of token opens nothing', async () => {
  const claims = { cls: classId, sub: 'per_1', ver: 0 }
  const forged = await createTokens(['another secret key'], Date.now).signWatch(claims)
  const foreign = await rig.watchToken('cls_other')
  const expired = await rig.tokens.signWatch(claims, -60_000)
  const person = await rig.tokens.signPerson({ ...claims, role: 'student' })
  expect(await codeOf(`${forged}/${classId}/index.m3u8`)).toBe('403 token_invalid')
  expect(await codeOf(`${foreign}/${classId}/index.m3u8`)).toBe('403 token_invalid')
  expect(await codeOf(`${expired}/${classId}/index.m3u8`)).toBe('403 token_expired')
  expect(await codeOf(`${person}/${classId}/index.m3u8`)).toBe('403 token_invalid')
  expect(await codeOf(`x/${classId}/${runName}/main-0.m4s`)).toBe('403 token_invalid')
})

test('[OAC2] a removed person is shut out, a person admitted anew is not', async () => {
  await rig.client.hset('amphi:revoked', 'per_removed', 1)
  const old = await rig.watchToken(classId, 'per_removed')
  const renewed = await rig.tokens.signWatch({ cls: classId, sub: 'per_removed', ver: 1 })
  expect(await codeOf(`${old}/${classId}/index.m3u8`)).toBe('403 token_revoked')
  expect((await fetch(`${url}/${renewed}/${classId}/index.m3u8`)).status).toBe(200)
})

test('[OAC3] no spelling of a path leads to a file that is not in the timeline', async () => {
  const token = await rig.watchToken(classId)
  const tricks = [
    `${runName}/journal.ndjson`,
    `${runName}%2fjournal.ndjson`,
    `%2e%2e/%2e%2e/etc/passwd`,
    `%252e%252e/%252e%252e/etc/passwd`,
    `${runName}/../${runName}/main-0.m4s%23`,
    `${runName}/main-00.m4s`,
    `${runName}/main--1.m4s`,
    `../cls_other/index.m3u8%3f`,
    `${runName}/..%2f..%2fx.m4s`,
    `${runName}//main-0.m4s`,
    `${runName}/main-0.m4s%00`,
    `${runName}/main-9.m4s`,
    `run_other/main-0.m4s`,
    `${runName}/main-init-7.mp4`,
    '',
  ]
  for (const trick of tricks)
    expect((await fetch(`${url}/${token}/${classId}/${trick}`)).status, trick).toBe(404)
})

test('[OAC4] an edge asks whether the token in the original path is good', async () => {
  const token = await rig.watchToken(classId)
  const ask = async (uri: string) =>
    (await fetch(`${url}/auth`, { headers: { 'X-Original-URI': uri } })).status
  expect(await ask(`/${token}/${classId}/main.m3u8?_HLS_msn=1`)).toBe(204)
  expect(await ask(`/hls/${token}/${classId}/main.m3u8`)).toBe(204)
  expect(await ask(`/${token}/cls_other/main.m3u8`)).toBe(403)
  expect(await ask(`/x/${classId}/main.m3u8`)).toBe(403)
  expect(await ask(`/${token}/${classId}/../cls_other/run_1/main-0.m4s`)).toBe(403)
  expect((await fetch(`${url}/auth`)).status).toBe(403)
})

test('[OAC5] segments come whole, in ranges, as a head, and not again if they are known', async () => {
  const token = await rig.watchToken(classId)
  const segment = `${url}/${token}/${classId}/${runName}/main-0.m4s`
  const whole = await fetch(segment)
  const bytes = Buffer.from(await whole.arrayBuffer())
  const taped = Buffer.concat(tapes[0]?.segments[0]?.map((part) => part.bytes) ?? [])
  expect(bytes.equals(taped)).toBe(true)
  expect(whole.headers.get('cache-control')).toBe('public, max-age=60')
  expect(whole.headers.get('access-control-allow-origin')).toBe('*')
  expect(whole.headers.get('content-type')).toBe('video/mp4')
  const range = await fetch(segment, { headers: { Range: 'bytes=10-19' } })
  expect([range.status, range.headers.get('content-range')]).toEqual([206, `bytes 10-19/${bytes.length}`])
  expect(Buffer.from(await range.arrayBuffer()).equals(bytes.subarray(10, 20))).toBe(true)
  expect((await fetch(segment, { headers: { Range: `bytes=${bytes.length}-` } })).status).toBe(416)
  const head = await fetch(segment, { method: 'HEAD' })
  expect([head.status, head.headers.get('content-length')]).toEqual([200, String(bytes.length)])
  const etag = whole.headers.get('etag') ?? ''
  expect((await fetch(segment, { headers: { 'If-None-Match': etag } })).status).toBe(304)
  expect((await fetch(segment, { method: 'POST' })).status).toBe(405)
})

test('[OAC6] a whole segment is its parts, and the init segment is what the tape began with', async () => {
  const base = `${url}/${await rig.watchToken(classId)}/${classId}/${runName}`
  const read = async (name: string) => Buffer.from(await (await fetch(`${base}/${name}`)).arrayBuffer())
  const count = tapes[1]?.segments[0]?.length ?? 0
  const parts = await Promise.all(Array.from({ length: count }, (_, n) => read(`audio-0.${n}.m4s`)))
  expect(Buffer.concat(parts).equals(await read('audio-0.m4s'))).toBe(true)
  expect((await read('audio-init-0.mp4')).equals(tapes[1]?.init ?? Buffer.alloc(0))).toBe(true)
})

test('[OAC7] one viewer cannot hold requests without end; viewers who share a token can hold more', async () => {
  const own = await rig.watchToken(classId, 'per_greedy')
  const shared = await rig.watchToken(classId, 'class')
  const abort = new AbortController()
  const hold = (token: string) =>
    fetch(`${url}/${token}/${classId}/main.m3u8?_HLS_msn=2&_HLS_part=0`, { signal: abort.signal })
  const held = Array.from({ length: 17 }, () => hold(own))
  const first = await Promise.race(held)
  expect([first.status, first.headers.get('retry-after')]).toEqual([429, '1'])
  const all = [...held, ...Array.from({ length: 17 }, () => hold(shared))]
  const metrics = async () => await (await fetch(`${url}/metrics`)).text()
  await expect.poll(metrics, { timeout: 10_000 }).toContain('amphi_origin_held_requests 33')
  abort.abort()
  await Promise.allSettled(all)
  await expect.poll(metrics, { timeout: 10_000 }).toContain('amphi_origin_held_requests 0')
})

test('[OAC13] those who share a token have a share of what is held, and keep out no other class', async () => {
  const origin = await rig.start({ heldPerClass: 3 })
  const other = rig.newClass()
  createTapeWorker(rig.dir, other.classId, other.runId(1), tapes, Date.now()).writeTo(2)
  const runs = [{ runId: other.runId(1), base: 0 }]
  await rig.setPlan({ classId: other.classId, ended: false, recorded: false, runs })
  const abort = new AbortController()
  const baseOf = async (id: string, personId: string) =>
    `${origin.url}/${await rig.watchToken(id, personId)}/${id}`
  const hold = async (base: string) =>
    fetch(`${base}/main.m3u8?_HLS_msn=2&_HLS_part=0`, { signal: abort.signal })
  const [shared, others, own] = await Promise.all([
    baseOf(classId, 'class'),
    baseOf(other.classId, 'class'),
    baseOf(classId, 'per_own'),
  ])
  for (const base of [shared, others]) await fetchUntil(`${base}/index.m3u8`, 200)
  const held = Array.from({ length: 4 }, () => hold(shared))
  const refused = await Promise.race(held)
  expect([refused.status, (await refused.json()).code]).toEqual([503, 'busy'])
  // Another token of the same class, as it is given from the next hour on, opens no other share.
  const next = rig.tokens.signWatch({ cls: classId, sub: 'class', ver: 0 }, 60_000)
  expect((await hold(`${origin.url}/${next}/${classId}`)).status).toBe(503)
  held.push(hold(others), hold(own))
  const metrics = async () => (await fetch(`${origin.url}/metrics`)).text()
  await expect.poll(metrics, { timeout: 10_000 }).toContain('amphi_origin_held_requests 5')
  abort.abort()
  await Promise.allSettled(held)
  await expect.poll(metrics, { timeout: 10_000 }).toContain('amphi_origin_held_requests 0')
})

test('[OAC8] playlists are packed for those who can unpack them', async () => {
  const base = `${url}/${await rig.watchToken(classId)}/${classId}`
  const packed = await fetch(`${base}/main.m3u8`, { headers: { 'Accept-Encoding': 'gzip' } })
  const plain = await fetch(`${base}/main.m3u8`, { headers: { 'Accept-Encoding': 'identity' } })
  expect([packed.headers.get('content-encoding'), plain.headers.get('content-encoding')]).toEqual([
    'gzip',
    null,
  ])
  expect(await packed.text()).toBe(await plain.text())
  expect(plain.headers.get('content-type')).toBe('application/vnd.apple.mpegurl')
})

test('[OAC11] a playlist that a cache has already is not sent again, and a head of it has no body', async () => {
  const base = `${url}/${await rig.watchToken(classId)}/${classId}`
  for (const name of ['main.m3u8', 'index.m3u8', 'main.m3u8?_HLS_skip=v2']) {
    for (const encoding of ['gzip', 'identity']) {
      const headers = { 'Accept-Encoding': encoding }
      const first = await fetch(`${base}/${name}`, { headers })
      const etag = first.headers.get('etag') ?? ''
      expect(first.headers.get('cache-control')).toBe('public, max-age=1')
      expect(first.headers.get('vary')).toBe('Accept-Encoding')
      const again = await fetch(`${base}/${name}`, { headers: { ...headers, 'If-None-Match': etag } })
      expect([again.status, again.headers.get('etag')], name).toEqual([304, etag])
      const head = await fetch(`${base}/${name}`, { method: 'HEAD', headers })
      expect([head.status, head.headers.get('etag'), await head.text()]).toEqual([200, etag, ''])
    }
  }
  const other = await rig.start()
  const same = await fetchUntil(`${base.replace(url, other.url)}/main.m3u8`, 200)
  expect(same.headers.get('etag')).toBe((await fetch(`${base}/main.m3u8`)).headers.get('etag'))
})

test('[OAC12] a page on another origin may ask for ranges, and read what it needs of the answer', async () => {
  const base = `${url}/${await rig.watchToken(classId)}/${classId}`
  const preflight = await fetch(`${base}/main.m3u8`, { method: 'OPTIONS' })
  expect([preflight.status, preflight.headers.get('access-control-allow-headers')]).toEqual([
    204,
    'Range, If-None-Match, If-Range',
  ])
  for (const address of [`${base}/main.m3u8`, `${base}/x.m3u8`, `${url}/x/${classId}/main.m3u8`]) {
    const answer = await fetch(address)
    expect(answer.headers.get('access-control-allow-origin'), address).toBe('*')
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
  }
  expect((await fetch(`${base}/x.m3u8`)).headers.get('cache-control')).toBe('no-store')
})

test('[OAC9] the operator sees whether the origin lives, is ready, and what it does', async () => {
  expect((await fetch(`${url}/healthz`)).status).toBe(200)
  expect(await (await fetch(`${url}/readyz`)).json()).toEqual({ ready: true, down: [] })
  const metrics = await (await fetch(`${url}/metrics`)).text()
  expect(metrics).toMatch(/amphi_origin_requests_total\{kind="playlist",status="200"\} \d+/)
})

test('[OAC9] what is read twice is in memory once, which the operator sees', async () => {
  const readMetric = async () => {
    const metrics = await (await fetch(`${url}/metrics`)).text()
    return Number(/amphi_origin_cached_bytes (\d+)/.exec(metrics)?.[1])
  }
  const before = await readMetric()
  for (const person of ['per_1', 'per_2']) {
    const token = await rig.watchToken(classId, person)
    const answer = await fetch(`${url}/${token}/${classId}/${runName}/audio-1.m4s`)
    expect(await readMetric()).toBe(before + (await answer.arrayBuffer()).byteLength + ENTRY_BYTES)
  }
})

test('[OAC10] the class that is not recorded has no replay when it has ended', async () => {
  const { classId: id, runId } = rig.newClass()
  const worker = createTapeWorker(rig.dir, id, runId(1), tapes, Date.now())
  worker.writeTo(2)
  const runs = [{ runId: runId(1), base: 0, end: worker.reached() }]
  await rig.setPlan({ classId: id, ended: true, recorded: false, runs })
  const base = `${url}/${await rig.watchToken(id)}/${id}`
  const index = await (await fetchUntil(`${base}/index.m3u8`, 200)).text()
  expect(index).toContain('\nmain.m3u8\n')
  expect((await fetch(`${base}/main.replay.m3u8`)).status).toBe(404)
  expect(await (await fetch(`${base}/main.m3u8`)).text()).toContain('#EXT-X-ENDLIST')
})
