import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ConformanceClass, openSchool, type Pupil, type School } from './school'
import { type Answer, type Auth, WireClient } from './wire-client'

let school: School
let algebra: ConformanceClass
let tea: Pupil
let ana: Pupil
let ben: Pupil
beforeAll(async () => {
  school = await openSchool()
  algebra = await school.newClass()
  ;[tea, ana, ben] = [
    await algebra.enrol('Tea', 'teacher'),
    await algebra.enrol('Ana'),
    await algebra.enrol('Ben'),
  ]
})
afterAll(() => school?.close())

const codeOf = (answer: Answer) => (answer.ok ? 'ok' : answer.error.code)

/** What a refused handshake says. */
async function refused(auth: Auth | undefined): Promise<string> {
  const client = await new WireClient(school.url).enter(auth)
  client.close()
  return client.refusal?.data?.code ?? (client.isIn ? 'let in' : 'closed')
}

/** A JWT whose claims are as they were, and whose signature is not. */
const damage = (token: string) => `${token.slice(0, -4)}${token.endsWith('AAAA') ? 'BBBB' : 'AAAA'}`

test('[C1] who connects is who the token names, in the role of the class', async () => {
  const client = await algebra.enter(tea)
  expect(client.last('you')).toMatchObject({ personId: tea.personId, role: 'teacher', audience: 'staff' })
  expect(client.last('you')?.can).toContain('class:end')
})

const handshakes: [what: string, code: string, toAuth: (auth: Auth) => Auth | undefined][] = [
  ['no auth', 'unauthorized', () => undefined],
  ['an empty auth', 'unauthorized', () => ({})],
  ['no token', 'unauthorized', () => ({ protocol: 1 })],
  ['a token that is a number', 'unauthorized', (auth) => ({ ...auth, token: 7 })],
  ['a damaged token', 'unauthorized', (auth) => ({ ...auth, token: damage(String(auth.token)) })],
  ['a token of another purpose', 'unauthorized', (auth) => ({ ...auth, token: ana.token })],
  ['an old protocol', 'protocol_version', (auth) => ({ ...auth, protocol: 0 })],
  ['a new protocol', 'protocol_version', (auth) => ({ ...auth, protocol: 2 })],
  ['no protocol', 'protocol_version', ({ token }) => ({ token })],
  ['a wrong device', 'bad_payload', (auth) => ({ ...auth, deviceId: 'no spaces' })],
  ['a field of the future', 'let in', (auth) => ({ ...auth, colour: 'blue' })],
  ['a resume that is no position', 'let in', (auth) => ({ ...auth, resume: { seq: 'x' } })],
  ['a resume of another epoch', 'let in', (auth) => ({ ...auth, resume: { epoch: 99, seq: 3 } })],
]
test.each(handshakes)('[C2] [E1] a handshake with %s: %s', async (_what, code, toAuth) => {
  expect(await refused(toAuth(await algebra.auth(ana)))).toBe(code)
})

test('[C3] who has left or was removed is not let in with a token of before', async () => {
  const own = await school.newClass()
  const [teacher, leaver, rude] = [
    await own.enrol('T', 'teacher'),
    await own.enrol('L'),
    await own.enrol('R'),
  ]
  const staff = await own.enter(teacher)
  const [left, removed] = [await own.auth(leaver), await own.auth(rude)]
  const client = await own.enter(leaver)
  client.ask('person:leave', { id: randomUUID() }).catch(() => {})
  await client.until((c) => c.last('bye') !== undefined)
  await staff.command('person:remove', { personId: rude.personId })
  expect(await refused(left)).toBe('not_in_class')
  expect(await refused(removed)).toBe('removed')
})

test('[C3] [S7] a class that is over refuses commands, and handshakes', async () => {
  const own = await school.newClass()
  const teacher = await own.enrol('T', 'teacher')
  const auth = await own.auth(teacher)
  const staff = await own.enter(teacher)
  expect(await staff.command('class:end')).toMatchObject({ ok: true })
  expect(codeOf(await staff.command('chat:send', { text: 'more' }))).toBe('class_ended')
  expect(await refused(auth)).toBe('class_ended')
})

test('[C4] every connection of a person gets everything, until one takes over', async () => {
  const [laptop, phone] = [await algebra.enter(ben), await algebra.enter(ben)]
  await phone.command('chat:send', { text: 'to both' })
  for (const device of [laptop, phone]) await device.until((c) => c.facts.some((f) => f.text === 'to both'))
  expect(await phone.command('person:takeover')).toMatchObject({ ok: true })
  await laptop.until((c) => c.closed !== null)
  expect(laptop.last('bye')).toMatchObject({ code: 'taken_over', retryable: false })
  expect(phone.closed).toBeNull()
})

test('[F1] [F9] [F8] first a snapshot, then you; then frames that follow on it', async () => {
  const client = await algebra.enter(ana)
  const [first, second] = client.frames.filter(({ name }) => name !== 'counts')
  expect([first?.name, second?.name]).toEqual(['snapshot', 'you'])
  const snapshot = client.last('snapshot')
  expect(snapshot).toMatchObject({ epoch: 1, class: { classId: algebra.id, phase: 'live' } })
  expect(Math.abs((snapshot?.now ?? 0) - Date.now())).toBeLessThan(60_000)
  expect(client.last('you')).toMatchObject({ personId: ana.personId, tier: 'seat', seat: { state: 'held' } })
})

test('[F2] [F4] [F7] frames are chained; numbers count what one does not see, too', async () => {
  const [staff, client] = [await algebra.enter(tea), await algebra.enter(ana)]
  // The vote on nothing is refused; the hand and its answer are for staff alone.
  await staff.command('screen:show', { text: 'A', language: 'en' })
  await client.command('hand:raise', {})
  await staff.command('hand:lower-all')
  const last = await staff.command('chat:send', { text: 'B' })
  await client.until((c) => c.facts.some(({ text }) => text === 'B'))
  const numbers = client.facts.map(({ seq }) => seq)
  expect(new Set(numbers).size).toBe(numbers.length)
  expect(last.ok && numbers.at(-1) === last.seq).toBe(true)
  expect((numbers.at(-1) ?? 0) - (numbers[0] ?? 0)).toBeGreaterThan(numbers.length - 1)
  expect(client.faults).toEqual([])
})

test('[F6] who comes back with a position gets what they missed, and nothing twice', async () => {
  const [staff, client] = [await algebra.enter(tea), await algebra.enter(ana)]
  await staff.command('chat:send', { text: 'before' })
  await client.until((c) => c.facts.some(({ text }) => text === 'before'))
  client.cut()
  for (const text of ['one', 'two', 'three']) await staff.command('chat:send', { text })
  const back = await algebra.enter(ana, { resume: client.position })
  expect(back.last('snapshot')).toBeUndefined()
  expect(back.frames[0]).toMatchObject({ name: 'facts', payload: { after: client.position?.seq } })
  expect(back.facts.map(({ text }) => text)).toEqual(['one', 'two', 'three'])
  back.cut()
  const again = await algebra.enter(ana, { resume: { ...client.position, seq: back.facts.at(-1)?.seq } })
  expect(again.facts).toEqual([])
})

test('[F3] [S9] who sees a hole asks for what is missing on the same connection', async () => {
  const [staff, client] = [await algebra.enter(tea), await algebra.enter(ana)]
  const start = client.position
  for (const text of ['x', 'y']) await staff.command('chat:send', { text })
  await client.until((c) => c.facts.some(({ text }) => text === 'y'))
  // As if the frame with `x` and `y` had never come.
  client.position = start
  client.frames.length = 0
  expect(await client.ask('resume', start)).toMatchObject({ ok: true })
  await client.until((c) => c.last('you') !== undefined)
  expect(client.facts.map(({ text }) => text)).toEqual(['x', 'y'])
  expect(client.faults).toEqual([])
})

test('[F6] [S9] where the server cannot tell what was missed it sends a snapshot', async () => {
  const client = await algebra.enter(ana)
  client.frames.length = 0
  expect(await client.ask('resume', { epoch: 99, seq: 1 })).toMatchObject({ ok: true })
  await client.until((c) => c.last('snapshot') !== undefined && c.last('you') !== undefined)
  expect(codeOf(await client.ask('resume', { epoch: 'x' }))).toBe('bad_payload')
})

test('[F5] who waits learns about the class only, and gets a snapshot when let in', async () => {
  const own = await school.newClass({ lobby: true })
  const staff = await own.enter(await own.enrol('T', 'teacher'))
  const pupil = await own.enrol('P')
  const client = await own.enter(pupil)
  expect(client.last('you')).toMatchObject({ tier: 'waiting', audience: 'waiting', waiting: { position: 1 } })
  await staff.command('chat:send', { text: 'inside' })
  expect(client.last('snapshot')?.class).toMatchObject({ chat: [], requests: {} })
  await staff.command('person:admit', { personId: pupil.personId })
  await client.until((c) => c.frames.filter(({ name }) => name === 'snapshot').length === 2)
  await client.until((c) => c.last('you')?.tier === 'seat')
  expect(client.facts.map(({ text }) => text)).not.toContain('inside')
})

test('[F10] staff are told how many are where', async () => {
  const staff = await algebra.enter(tea)
  await staff.until((c) => c.last('counts') !== undefined)
  expect(staff.last('counts')).toMatchObject({ seats: { limit: 20 }, stage: 0 })
})

const payloads: [command: string, code: string, ...args: unknown[]][] = [
  ['no:such', 'unknown_command', {}],
  ['__proto__', 'unknown_command', {}],
  ['constructor', 'unknown_command', {}],
  ['class:create', 'unknown_command', {}],
  ['deadlines:pass', 'unknown_command', {}],
  ['chat:send', 'bad_payload'],
  ['chat:send', 'bad_payload', null],
  ['chat:send', 'bad_payload', [{ text: 'x' }]],
  ['chat:send', 'bad_payload', { text: 'no id' }],
  ['chat:send', 'bad_payload', { id: 'no uuid', text: 'x' }],
  ['chat:send', 'bad_payload', { id: randomUUID() }],
  ['chat:send', 'bad_payload', { id: randomUUID(), text: 7 }],
  ['chat:send', 'bad_payload', { id: randomUUID(), text: 'x', colour: 'blue' }],
  ['chat:send', 'bad_payload', { id: randomUUID(), text: 'x'.repeat(2001) }],
  ['stage:time', 'bad_payload', { id: randomUUID(), personId: 'per_1', seconds: -1 }],
  ['clock', 'bad_payload', {}],
]
test.each(payloads)('[S1] [E1] %s: %s', async (name, code, ...args) => {
  const client = await algebra.enter(ben)
  const answer = await client.ask(name, ...args)
  expect(answer).toMatchObject({ ok: false, error: { code, retryable: false } })
  expect(!answer.ok && answer.error.message.length).toBeGreaterThan(0)
  client.close()
})

const refusals: [who: 'student' | 'teacher', command: string, code: string, payload: object][] = [
  ['student', 'class:end', 'not_allowed', {}],
  ['student', 'screen:show', 'not_allowed', { text: 'x', language: 'en' }],
  ['student', 'request:withdraw', 'unknown_request', { requestId: 'req_none' }],
  ['student', 'stage:accept', 'unknown_invitation', { invitationId: 'inv_none' }],
  ['student', 'seat:accept', 'unknown_offer', { offerId: 'off_none' }],
  ['teacher', 'chat:remove', 'unknown_message', { messageId: 'msg_none' }],
  ['teacher', 'stage:invite', 'unknown_person', { personId: 'per_none', grade: 'audio' }],
]
test.each(refusals)('[E1] the class refuses a %s %s with %s', async (who, name, code, payload) => {
  const client = await algebra.enter(who === 'teacher' ? tea : ben)
  expect(codeOf(await client.command(name, payload))).toBe(code)
  client.close()
})

test('[E1] what may succeed later says so, and when', async () => {
  const own = await school.newClass()
  const client = await own.enter(await own.enrol('P'))
  await client.command('question:ask', { text: 'why?' })
  const again = await client.command('question:ask', { text: 'and why that?' })
  expect(again).toMatchObject({ ok: false, error: { code: 'rate_limited', retryable: true } })
  expect(!again.ok && again.error.retryAfterMs).toBeGreaterThan(0)
})

test('[S2] [F8] the effects of a command are in the frame, and in the you, of its number', async () => {
  const client = await algebra.enter(ana)
  const sent = await client.command('chat:send', { text: 'mine' })
  const { seq } = sent as { seq: number }
  await client.until((c) => (c.position?.seq ?? 0) >= seq)
  expect(client.facts.find((fact) => fact.seq === seq)).toMatchObject({ type: 'chat.sent', text: 'mine' })
  const released = await client.command('seat:release')
  await client.until((c) => (c.last('you')?.seq ?? 0) >= (released as { seq: number }).seq)
  expect(client.last('you')).toMatchObject({ tier: 'overflow' })
})

test('[S3] a resend of what was accepted has the first answer, also on another connection', async () => {
  const client = await algebra.enter(ana)
  const id = randomUUID()
  const first = await client.command('chat:send', { text: 'once' }, id)
  expect(await client.command('chat:send', { text: 'once' }, id)).toEqual(first)
  client.cut()
  const back = await algebra.enter(ana)
  expect(await back.command('chat:send', { text: 'once' }, id)).toEqual(first)
  const chat = back.last('snapshot')?.class.chat as { text: string }[]
  expect(chat.filter(({ text }) => text === 'once')).toHaveLength(1)
})

test("[S4] another person's id is of no consequence", async () => {
  const [one, other] = [await algebra.enter(ana), await algebra.enter(ben)]
  const id = randomUUID()
  const first = await one.command('chat:send', { text: 'mine' }, id)
  const second = await other.command('chat:send', { text: 'mine, too' }, id)
  expect(second.ok && first.ok && second.seq > first.seq).toBe(true)
})

test('[S8] the clock tells the offset to server time', async () => {
  const client = await algebra.enter(ana)
  const { t0, t1, t2 } = await client.ask<{ t0: number; t1: number; t2: number }>('clock', { t0: 12.5 })
  expect(t0).toBe(12.5)
  expect(t2).toBeGreaterThanOrEqual(t1)
})

test('[S10] a report of a player is taken, and told to staff in numbers', async () => {
  const own = await school.newClass({ seats: 0 })
  const staff = await own.enter(await own.enrol('T', 'teacher'))
  const viewer = await own.enter(await own.enrol('V'))
  const report = { delayMs: 1500, stalls: 0, level: 2, following: true }
  expect(await viewer.command('playback:report', report)).toMatchObject({ ok: true })
  await staff.until((c) => c.last('counts')?.playback !== undefined)
  expect(staff.last('counts')).toMatchObject({ playback: { viewers: 1, delayP50Ms: 1500 } })
})

test('[A1] [C3] who leaves can join again, and is somebody new to the line', async () => {
  const own = await school.newClass()
  const pupil = await own.enrol('P')
  const client = await own.enter(pupil)
  client.ask('person:leave', { id: randomUUID() }).catch(() => {})
  await client.until((c) => c.closed !== null)
  expect(client.last('bye')).toMatchObject({ code: 'left', retryable: false })
  const back = await own.enter(pupil)
  expect(back.last('you')).toMatchObject({ tier: 'seat' })
})
