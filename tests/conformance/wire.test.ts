import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { eventually } from '../support/eventually'
import { type ConformanceClass, openSchool, type Pupil, type School } from './school'
import { WireClient } from './wire-client'

let school: School
let algebra: ConformanceClass
let ana: Pupil
let tea: Pupil
beforeAll(async () => {
  school = await openSchool()
  algebra = await school.newClass()
  ana = await algebra.enrol('Ana')
  tea = await algebra.enrol('Tea', 'teacher')
})
afterAll(() => school?.close())

/** The status of a refused upgrade. */
function statusOf(query: string, headers: Record<string, string> = {}): Promise<number | 'open'> {
  const url = `${school.url.replace(/^http/, 'ws')}/gateway/${query}`
  const socket = new WebSocket(url, { headers })
  return new Promise((resolve) => {
    socket.on('error', () => {})
    socket.on('unexpected-response', (request, response) => {
      resolve(response.statusCode ?? 0)
      request.destroy()
    })
    socket.on('open', () => {
      resolve('open')
      socket.terminate()
    })
  })
}

const upgrades: [what: string, query: string, status: number][] = [
  ['another transport', '?EIO=4&transport=polling', 400],
  ['another Engine.IO', '?EIO=3&transport=websocket', 400],
  ['no Engine.IO', '?transport=websocket', 400],
  ['a session of long polling', '?EIO=4&transport=websocket&sid=abc', 400],
]
test.each(upgrades)('[W1] an upgrade with %s is refused', async (_what, query, status) => {
  expect(await statusOf(query)).toBe(status)
})

test('[W1] a page of a foreign origin is refused, a program and our own page are not', async () => {
  const query = '?EIO=4&transport=websocket'
  expect(await statusOf(query, { Origin: 'https://evil.example' })).toBe(403)
  expect(await statusOf(query, { Origin: new URL(school.url).origin })).toBe('open')
  expect(await statusOf(query)).toBe('open')
})

test('[W2] [W3] [W4] the server speaks first, lets in whoever it knows, and sends frames', async () => {
  const client = await algebra.enter(ana)
  const [open = '', connected = '', first = ''] = client.packets
  const { sid, upgrades, pingInterval, pingTimeout, maxPayload } = JSON.parse(open.slice(1))
  expect(open[0]).toBe('0')
  expect({ upgrades, maxPayload }).toEqual({ upgrades: [], maxPayload: 65536 })
  expect(typeof sid === 'string' && pingInterval > 0 && pingTimeout > 0).toBe(true)
  expect(connected).toMatch(/^40\{"sid":"[^"]+"\}$/)
  expect(first).toMatch(/^42\["snapshot",\{/)
  expect(client.faults).toEqual([])
})

test('[W3] a refused handshake is told why, and nothing follows', async () => {
  const client = await new WireClient(school.url).enter({ token: 'no token', protocol: 1 })
  expect(client.refusal).toMatchObject({ data: { code: 'unauthorized', retryable: false } })
  expect(client.frames).toEqual([])
  client.close()
})

test.concurrent('[W3] a handshake that does not come is not waited for', async () => {
  const client = new WireClient(school.url)
  await client.until((c) => c.packets.length === 1)
  await eventually('the connection is closed', () => client.closed !== null, 40_000)
}, 60_000)

test('[W5] answers carry the number of the question; without a number there is none', async () => {
  const client = await algebra.enter(ana)
  client.sendPacket(`42["chat:send",{"id":"${randomUUID()}","text":"unasked"}]`)
  client.sendPacket('42999999999999999["clock",{"t0":7}]')
  await client.until((c) => c.packets.some((packet) => packet.startsWith('43999999999999999[{"t0":7,')))
  await client.until((c) => c.facts.some(({ text }) => text === 'unasked'))
  expect(client.packets.filter((packet) => packet.startsWith('43'))).toHaveLength(1)
})

test.concurrent('[W6] whoever answers pings stays, whoever does not is cut off', async () => {
  const good = await algebra.enter(ana)
  const silent = new WireClient(school.url)
  silent.answersPings = false
  await silent.enter(await algebra.auth(tea))
  const pings = (client: WireClient) => client.packets.filter((packet) => packet === '2').length
  const { pingInterval, pingTimeout } = JSON.parse(silent.packets[0]?.slice(1) ?? '{}')
  // The timers of a busy machine run late.
  const patienceMs = 1.5 * (pingInterval + pingTimeout)
  await eventually('the silent one is cut off', () => silent.closed !== null, patienceMs)
  await good.until((c) => pings(c) > 0)
  expect(good.closed).toBeNull()
}, 60_000)

test.each(['41', '1'])('[W7] whoever takes their leave with %s is let go', async (packet) => {
  const client = await algebra.enter(ana)
  client.sendPacket(packet)
  await client.until((c) => c.closed !== null)
})

const broken: [what: string, packet: string | Buffer][] = [
  ['a message above maxPayload', `42["chat:send",{"text":"${'x'.repeat(70_000)}"}]`],
  ['a binary message', Buffer.from('42["clock",{"t0":1}]')],
  ['a binary event', '451-["chat:send",{"_placeholder":true,"num":0}]'],
  ['a packet of no kind', '9'],
  ['an event without a name', '42[]'],
  ['an event that is no JSON', '42["chat:send"'],
  ['an event in another namespace', '42/other,["chat:send"]'],
  ['a second handshake', '40{}'],
]
test.each(broken)('[W8] %s ends the connection, and no other', async (_what, packet) => {
  const staff = await algebra.enter(tea)
  const client = await algebra.enter(ana)
  client.sendPacket(packet)
  await client.until((c) => c.closed !== null)
  expect(await staff.command('chat:send', { text: 'still here' })).toMatchObject({ ok: true })
  staff.close()
})

test('[W8] other namespaces are refused in words', async () => {
  const client = await algebra.enter(ana)
  client.sendPacket('40/other,')
  await client.until((c) => c.packets.includes('44/other,{"message":"Invalid namespace"}'))
  expect(await client.command('chat:send', { text: 'goes on' })).toMatchObject({ ok: true })
})
