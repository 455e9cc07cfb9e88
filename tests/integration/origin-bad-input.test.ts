import { writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { createTokens } from '../../server/people/tokens'
import { createOriginRig, fetchUntil, isPrompt, measureRequest, type OriginRig } from '../support/origin'
import { recordTapes } from '../support/tape'
import { createTapeWorker } from '../support/tape-worker'

const SEGMENTS = 3
let rig: OriginRig
let url: string
let port: number
let classId: string
let runName: string
const sockets: Socket[] = []

beforeAll(async () => {
  const [made, tapes] = await Promise.all([createOriginRig(), recordTapes(10)])
  rig = made
  const named = rig.newClass()
  classId = named.classId
  runName = named.runId(1)
  createTapeWorker(rig.dir, classId, runName, tapes, Date.now()).writeTo(SEGMENTS)
  await rig.setPlan({ classId, ended: false, recorded: true, runs: [{ runId: runName, base: 0 }] })
  const origin = await rig.start()
  url = origin.url
  port = origin.port
  await fetchUntil(`${await baseFor('per_0')}/index.m3u8`, 200)
}, 60_000)
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy()
})
afterAll(() => rig.stop())

const baseFor = async (personId: string) => `${url}/${await rig.watchToken(classId, personId)}/${classId}`
const statusOf = async (address: string, init: RequestInit = {}) => (await fetch(address, init)).status

/** A viewer of the same class sees and hears on, without a delay, for as long as `attack` takes. */
async function undisturbed<Value>(attack: () => Promise<Value>): Promise<Value> {
  const base = await baseFor('per_good')
  const answers: { status: number; took: ReturnType<ReturnType<typeof measureRequest>> }[] = []
  const names = ['main.m3u8', 'index.m3u8', `${runName}/main-1.m4s`, `${runName}/audio-2.0.m4s`]
  let isOn = true
  const viewer = (async () => {
    for (let turn = 0; isOn || turn < names.length; turn++) {
      const measure = measureRequest()
      const answer = await fetch(`${base}/${names[turn % names.length]}`)
      await answer.arrayBuffer()
      answers.push({ status: answer.status, took: measure() })
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  })()
  try {
    return await attack()
  } finally {
    isOn = false
    await viewer
    expect(answers.filter(({ status, took }) => status !== 200 || !isPrompt(took))).toEqual([])
  }
}

/** What stands in the first line of the answer to these bytes; 'closed' if there is none. */
function send(bytes: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
    sockets.push(socket)
    let answer = ''
    socket.on('data', (chunk) => {
      answer += chunk
      if (answer.includes('\r\n')) resolve(answer.split(' ')[1] ?? '')
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve('closed'))
  })
}

/** Asks for exactly this path: neither the URL's parser nor anybody else resolves it. */
function readRaw(path: string, headers: Record<string, string> = {}) {
  return new Promise<{ status: number; body: string }>((resolve, reject) => {
    const asked = request({ port, path, headers }, async (answer) => {
      const chunks: Buffer[] = await answer.toArray()
      resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks).toString('latin1') })
    })
    asked.on('error', reject).end()
  })
}

test('[BAD1] tokens that are forged, foreign, expired, of another kind or no tokens at all open nothing', async () => {
  const claims = { cls: classId, sub: 'per_1', ver: 0 }
  const good = rig.tokens.signWatch(claims)
  const [head, body, signature] = good.split('.')
  const none = Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')
  const other = Buffer.from(JSON.stringify({ ...claims, exp: 9e9, iat: 1 })).toString('base64url')
  const bad = {
    'signed by somebody else': createTokens(['another secret key'], Date.now).signWatch(claims),
    'of another class': rig.tokens.signWatch({ ...claims, cls: 'cls_other' }),
    expired: rig.tokens.signWatch(claims, -1_000),
    'a link': rig.tokens.signLink({ cls: classId, role: 'teacher' }),
    'a person': rig.tokens.signPerson({ ...claims, role: 'teacher' }),
    'a download': rig.tokens.signDownload({ cls: classId, sub: 'per_1' }),
    'without a signature': `${head}.${body}.`,
    'of no algorithm': `${none}.${other}.`,
    'with other claims': `${head}.${other}.${signature}`,
    'cut short': good.slice(0, -1),
    dots: '...',
    long: 'a'.repeat(2_048),
  }
  await undisturbed(async () => {
    for (const [what, token] of Object.entries(bad)) {
      for (const name of ['index.m3u8', 'main.m3u8', `${runName}/main-0.m4s`, `${runName}/main-0.0.m4s`]) {
        expect(await statusOf(`${url}/${token}/${classId}/${name}`), `${what}: ${name}`).toBe(403)
      }
      const headers = { 'X-Original-URI': `/${token}/${classId}/main.m3u8` }
      expect(await statusOf(`${url}/auth`, { headers }), what).toBe(403)
    }
    expect(await statusOf(`${url}/${'a'.repeat(2_049)}/${classId}/index.m3u8`)).toBe(404)
  })
})

test('[BAD2] delivery directives that no player would send are refused and hold nothing', async () => {
  const base = await baseFor('per_1')
  const next = SEGMENTS
  const refused = [
    ...[
      '-1',
      'NaN',
      '1.5',
      '1e3',
      '0x1',
      '+1',
      ' 1',
      '',
      '99999999999999999999',
      `${next + 2}`,
      '999999999',
    ].map((msn) => `_HLS_msn=${encodeURIComponent(msn)}`),
    ...['-1', 'NaN', '0.5', '', '999999999', '13'].map((part) => `_HLS_msn=${next}&_HLS_part=${part}`),
    '_HLS_part=0',
    '_HLS_part=0&_HLS_skip=YES',
    `_HLS_msn=${next}&_HLS_msn=0`,
    '_HLS_skip=yes',
    '_HLS_skip=NO',
    '_HLS_skip=YES&_HLS_skip=v2',
  ]
  await undisturbed(async () => {
    for (const query of refused) {
      const answer = await fetch(`${base}/main.m3u8?${query}`)
      expect([answer.status, (await answer.json()).code], query).toEqual([400, 'bad_reload'])
    }
    // What was there long ago, and parameters of others, are answered at once.
    for (const query of ['_HLS_msn=0', '_HLS_msn=0&_HLS_part=999', '_HLS_skip=v2', 'x=%ff&_=1', '&&&=']) {
      expect(await statusOf(`${base}/main.m3u8?${query}`), query).toBe(200)
    }
    expect(await (await fetch(`${url}/metrics`)).text()).toMatch(/held_requests 0\n/)
  })
})

test('[BAD3] ranges and conditions are answered as HTTP says, whatever they hold', async () => {
  const segment = `${await baseFor('per_1')}/${runName}/main-0.m4s`
  const whole = await fetch(segment)
  const bytes = Buffer.from(await whole.arrayBuffer())
  const { length } = bytes
  const etag = whole.headers.get('etag') ?? ''
  const cases: [headers: Record<string, string>, status: number, first?: number, last?: number][] = [
    [{ Range: 'bytes=0-0' }, 206, 0, 0],
    [{ Range: 'bytes=-5' }, 206, length - 5, length - 1],
    [{ Range: `bytes=-${length * 2}` }, 206, 0, length - 1],
    [{ Range: `bytes=${length - 1}-${length * 9}` }, 206, length - 1, length - 1],
    [{ Range: 'bytes=-0' }, 416],
    [{ Range: `bytes=${length}-` }, 416],
    [{ Range: 'bytes=999999999999999-' }, 416],
    [{ Range: 'bytes=0-1,4-5' }, 200],
    [{ Range: `bytes=${Array.from({ length: 500 }, (_, n) => `${n}-`).join(',')}` }, 200],
    [{ Range: 'bytes=5-4' }, 200],
    [{ Range: 'bytes=-' }, 200],
    [{ Range: 'bytes=a-b' }, 200],
    [{ Range: 'lines=0-4' }, 200],
    [{ Range: 'bytes=0-4', 'If-Range': etag }, 206, 0, 4],
    [{ Range: 'bytes=0-4', 'If-Range': '"another"' }, 200],
    [{ 'If-None-Match': etag, Range: 'bytes=0-4' }, 304],
    [{ 'If-None-Match': `"x", W/${etag}` }, 304],
    [{ 'If-None-Match': '*' }, 304],
    [{ 'If-None-Match': '"another"' }, 200],
  ]
  await undisturbed(async () => {
    for (const [headers, status, first, last] of cases) {
      const answer = await fetch(segment, { headers })
      const body = Buffer.from(await answer.arrayBuffer())
      expect(answer.status, JSON.stringify(headers)).toBe(status)
      if (status === 200) expect(body.equals(bytes)).toBe(true)
      if (status === 304) expect([body.length, answer.headers.get('etag')]).toEqual([0, etag])
      if (status === 416) expect(answer.headers.get('content-range')).toBe(`bytes */${length}`)
      if (first === undefined || last === undefined) continue
      expect(answer.headers.get('content-range')).toBe(`bytes ${first}-${last}/${length}`)
      expect(body.equals(bytes.subarray(first, last + 1))).toBe(true)
    }
    // Ranges are of GET alone.
    const head = await fetch(segment, { method: 'HEAD', headers: { Range: 'bytes=0-4' } })
    expect([head.status, head.headers.get('content-length')]).toEqual([200, String(length)])
  })
})

test('[BAD6] a path that goes up, plain or encoded, sent as it stands, leads nowhere and tells nothing', async () => {
  const { pathname } = new URL(await baseFor('per_1'))
  const token = pathname.split('/')[1] ?? ''
  const secret = 'what nobody may read'
  writeFileSync(join(rig.dir, 'secret.m4s'), secret)
  writeFileSync(join(rig.dir, classId, runName, 'main-7.m4s'), secret)
  const ups = [
    '..',
    '%2e%2e',
    '%2E.',
    '%252e%252e',
    '..%2f..',
    '..%5c..',
    '..;',
    '..%00',
    '....',
    '%c0%ae%c0%ae',
  ]
  const below = ups.flatMap((up) => [
    `${up}/secret.m4s`,
    `${up}/${up}/secret.m4s`,
    `${runName}/${up}/${up}/secret.m4s`,
    `${runName}/${up}/${runName}/main-0.m4s`,
    `${up}/${classId}/${runName}/main-0.m4s`,
    `${up}/${up}/${up}/${up}/etc/passwd`,
    `${runName}/main-0.m4s/${up}/journal.ndjson`,
    `${up}/index.m3u8`,
  ])
  const others = [`${runName}/journal.ndjson`, `./index.m3u8`, `/index.m3u8`, `.`, `..`, ``]
  const outside = ups.flatMap((up) => [
    `/${up}/secret.m4s`,
    `/${up}/${up}/etc/passwd`,
    `/${token}/${up}/secret.m4s`,
  ])
  await undisturbed(async () => {
    const asked = [
      ...[...below, ...others].map((name) => `${pathname}/${name}`),
      ...outside,
      '//etc/passwd',
      '*',
    ]
    for (const path of asked) {
      const { status, body } = await readRaw(path)
      // What stands where a class or a token should is no token for it; all else is not there.
      expect([400, 403, 404], path).toContain(status)
      if (path.startsWith(`${pathname}/`)) expect(status, path).toBe(404)
      expect(JSON.parse(body), path).toMatchObject({ status })
      for (const word of [secret, 'root:', runName, rig.dir, token]) expect(body, path).not.toContain(word)
      const auth = await readRaw('/auth', { 'X-Original-URI': path })
      expect([auth.status, auth.body], path).toEqual([403, ''])
    }
    // On the disk, and in no journal.
    expect((await readRaw(`${pathname}/${runName}/main-7.m4s`)).status).toBe(404)
    expect((await readRaw(`${pathname}/${runName}/main-0.m4s`)).status).toBe(200)
  })
})

test('[BAD4] methods that change things, or that nobody knows, change nothing', async () => {
  const path = new URL(`${await baseFor('per_1')}/main.m3u8`).pathname
  const statusBy = (method: string) =>
    new Promise<[number | undefined, string | undefined]>((resolve, reject) => {
      const asked = request({ port, method, path, headers: { 'Content-Length': 2 } }, (answer) => {
        answer.resume()
        resolve([answer.statusCode, answer.headers.allow])
      })
      asked.on('error', reject).end('{}')
    })
  await undisturbed(async () => {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'PROPFIND', 'LOCK', 'PURGE']) {
      expect(await statusBy(method), method).toEqual([405, 'GET, HEAD, OPTIONS'])
    }
    expect(await send('BREW /pot HTTP/1.1\r\nHost: origin\r\n\r\n')).toBe('400')
    expect(await send('CONNECT elsewhere:443 HTTP/1.1\r\nHost: elsewhere\r\n\r\n')).toBe('closed')
    expect(await send(`GET ${path} HTTP/9.9\r\nHost: origin\r\n\r\n`)).toBe('400')
    expect(await send(`GET ${path} HTTP/1.1\r\n\r\n`)).toBe('400')
    expect(await send(`GET http://elsewhere${path} HTTP/1.1\r\nHost: origin\r\n\r\n`)).toBe('404')
    const preflight = await fetch(`${url}${path}`, {
      method: 'OPTIONS',
      headers: { Origin: 'https://elsewhere.example', 'Access-Control-Request-Method': 'DELETE' },
    })
    expect([preflight.status, preflight.headers.get('access-control-allow-methods')]).toEqual([
      204,
      'GET, HEAD',
    ])
  })
})

test('[BAD5] headers without end, two lengths, and bytes that are no HTTP cost their sender the connection', async () => {
  const path = new URL(`${await baseFor('per_1')}/main.m3u8`).pathname
  const lengths = 'Content-Length: 5\r\nTransfer-Encoding: chunked'
  await undisturbed(async () => {
    const long = `X: ${'x'.repeat(64 * 1024)}`
    expect(await send(`GET ${path} HTTP/1.1\r\nHost: origin\r\n${long}\r\n\r\n`)).toBe('431')
    const many = Array.from({ length: 8_000 }, (_, n) => `X-${n}: y`).join('\r\n')
    expect(await send(`GET ${path} HTTP/1.1\r\nHost: origin\r\n${many}\r\n\r\n`)).toBe('431')
    expect(await send(`GET ${path} HTTP/1.1\r\nHost: origin\r\n${lengths}\r\n\r\n0\r\n\r\n`)).toBe('400')
    expect(await send('\u0016\u0003\u0001\u0002\u0000\u0001\r\n\r\n')).toBe('400')
    expect(await send(`GET ${path}\u0000 HTTP/1.1\r\nHost: origin\r\n\r\n`)).toBe('400')
  })
})
