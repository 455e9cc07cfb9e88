import { afterAll, beforeAll, expect, test } from 'vitest'
import { call, createTestClass, createTestPerson, startClass } from '../support/api'
import { ADMIN_KEY, startServer, type TestServer } from '../support/server'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.stop())

const student = (name: string) => ({ name, role: 'student' })

test('a school makes a class and gets links for everybody in it', async () => {
  const { status, body } = await call(server, 'POST', '/classes', {
    token: ADMIN_KEY,
    body: { title: 'Algebra', seats: 2, languages: ['en', 'de'] },
  })
  expect(status).toBe(201)
  expect(body).toMatchObject({ title: 'Algebra', phase: 'draft' })
  expect(body.code).toMatch(/^[A-Z]{3}-[A-Z]{3}-[A-Z]{3}$/)
  expect(body.links).toMatchObject({
    student: `${server.url}/join/${body.code}`,
    teacher: expect.stringContaining('?invite='),
    assistant: expect.stringContaining('?invite='),
  })
})

test('a class tells how full it is', async () => {
  const aClass = await createTestClass(server, { seats: 1 })
  await startClass(server, aClass)
  for (const name of ['Ada', 'Ben']) {
    const { token } = await createTestPerson(server, aClass, student(name))
    await call(server, 'POST', `/classes/${aClass.id}/join`, { token })
  }
  const { status, body } = await call(server, 'GET', `/classes/${aClass.id}`, { token: ADMIN_KEY })
  expect(status).toBe(200)
  expect(body).toMatchObject({
    id: aClass.id,
    phase: 'live',
    counts: { seats: { limit: 1, held: 1, offered: 0 }, overflow: 1, waiting: 0, requests: 0, stage: 0 },
  })
  expect(body.broadcast).toHaveProperty('state')
})

test('the same externalId is the same person, also when two calls come at once', async () => {
  const aClass = await createTestClass(server)
  const pupil = { ...student('Ada'), externalId: 'pupil-1' }
  const people = await Promise.all([1, 2, 3].map(() => createTestPerson(server, aClass, pupil)))
  expect(new Set(people.map(({ personId }) => personId)).size).toBe(1)
  const other = await createTestClass(server)
  expect((await createTestPerson(server, other, pupil)).personId).not.toBe(people[0]?.personId)
})

test('students of a draft wait in order, and are let in when it starts', async () => {
  const aClass = await createTestClass(server, { seats: 5 })
  const first = await createTestPerson(server, aClass, student('Ada'))
  const second = await createTestPerson(server, aClass, student('Ben'))
  const join = (token: string) => call(server, 'POST', `/classes/${aClass.id}/join`, { token })
  expect((await join(first.token)).body).toMatchObject({ tier: 'waiting', waiting: { position: 1 } })
  expect((await join(second.token)).body).toMatchObject({ tier: 'waiting', waiting: { position: 2 } })
  await startClass(server, aClass)
  expect((await join(second.token)).body).toMatchObject({ tier: 'seat', seat: { state: 'held' } })
})

test('joining again gives the same seat, with a token for LiveKit and for the gateway', async () => {
  const aClass = await createTestClass(server, { seats: 1 })
  await startClass(server, aClass)
  const { token, personId } = await createTestPerson(server, aClass, student('Ada'))
  const answers = await Promise.all(
    [1, 2, 3].map(() => call(server, 'POST', `/classes/${aClass.id}/join`, { token })),
  )
  for (const { status, body } of answers) {
    expect(status).toBe(200)
    expect(body).toMatchObject({
      tier: 'seat',
      personId,
      seat: { state: 'held' },
      gateway: { url: server.url, token: expect.any(String) },
      livekit: { url: `${server.url.replace('http', 'ws')}/livekit`, token: expect.any(String) },
    })
    expect(body).not.toHaveProperty('broadcast')
  }
})

test('two seats and three who come at once make exactly two seats and one overflow', async () => {
  const aClass = await createTestClass(server, { seats: 2 })
  await startClass(server, aClass)
  const people = await Promise.all(
    ['Ada', 'Ben', 'Cem'].map((name) => createTestPerson(server, aClass, student(name))),
  )
  const answers = await Promise.all(
    people.map(({ token }) => call(server, 'POST', `/classes/${aClass.id}/join`, { token })),
  )
  expect(answers.map(({ body }) => body.tier).sort()).toEqual(['overflow', 'seat', 'seat'])
  const watcher = answers.find(({ body }) => body.tier === 'overflow')
  expect(watcher?.body.broadcast).toEqual({
    playlistUrl: expect.stringMatching(`^${server.url}/hls/[^/]+/${aClass.id}/index.m3u8$`),
    asideUrl: expect.stringMatching(`^${server.url}/hls/[^/]+/${aClass.id}/aside.m3u8$`),
  })
  expect(watcher?.body).not.toHaveProperty('livekit')
})

test('staff have tier seat and never take one', async () => {
  const aClass = await createTestClass(server, { seats: 1 })
  const teacher = await createTestPerson(server, aClass, { name: 'Tea', role: 'teacher' })
  const { body } = await call(server, 'POST', `/classes/${aClass.id}/join`, { token: teacher.token })
  expect(body).toMatchObject({ tier: 'seat', role: 'teacher', livekit: { token: expect.any(String) } })
  const summary = await call(server, 'GET', `/classes/${aClass.id}`, { token: teacher.token })
  expect(summary.body).toMatchObject({ counts: { seats: { held: 0 } } })
})

test('starting, ending and leaving twice change nothing the second time', async () => {
  const aClass = await createTestClass(server)
  const { token } = await createTestPerson(server, aClass, student('Ada'))
  for (const _time of [1, 2]) {
    expect(await startClass(server, aClass)).toMatchObject({ status: 200, body: { phase: 'live' } })
  }
  await call(server, 'POST', `/classes/${aClass.id}/join`, { token })
  for (const _time of [1, 2]) {
    expect((await call(server, 'POST', `/classes/${aClass.id}/leave`, { token })).status).toBe(204)
  }
  for (const _time of [1, 2]) {
    const ended = await call(server, 'POST', `/classes/${aClass.id}/end`, { token: ADMIN_KEY })
    expect(ended).toMatchObject({ status: 200, body: { phase: 'ended' } })
  }
})

test('the preview of a code changes at once when the class does', async () => {
  const aClass = await createTestClass(server, { languages: ['fr'], recording: 'on' })
  const preview = () => call(server, 'GET', `/join/${aClass.code.toLowerCase().replaceAll('-', ' ')}`)
  expect(await preview()).toMatchObject({
    status: 200,
    body: { title: 'Algebra', phase: 'draft', languages: ['fr'], recorded: true },
  })
  await startClass(server, aClass)
  expect((await preview()).body.phase).toBe('live')
})

test('whoever has the code is a guest student', async () => {
  const aClass = await createTestClass(server)
  await startClass(server, aClass)
  const guest = await call(server, 'POST', `/join/${aClass.code}`, { body: { name: 'Gus' } })
  expect(guest.status).toBe(201)
  const joined = await call(server, 'POST', `/classes/${aClass.id}/join`, { token: String(guest.body.token) })
  expect(joined.body).toMatchObject({ tier: 'seat', role: 'student', personId: guest.body.personId })
})

test('a request is one object in the list of staff, page by page and as a file', async () => {
  const aClass = await createTestClass(server)
  await startClass(server, aClass)
  const made: string[] = []
  for (const [name, request] of [
    ['Ada', { kind: 'voice' }],
    ['=Ben', { kind: 'text', text: 'Why, "exactly"?' }],
  ] as const) {
    const { token } = await createTestPerson(server, aClass, student(name))
    await call(server, 'POST', `/classes/${aClass.id}/join`, { token })
    const { status, body } = await call(server, 'POST', `/classes/${aClass.id}/requests`, {
      token,
      body: request,
    })
    expect(status).toBe(201)
    made.push(String(body.requestId))
  }
  const list = (query: string) =>
    call(server, 'GET', `/classes/${aClass.id}/requests${query}`, { token: ADMIN_KEY })
  const first = (await list('?limit=1')).body as { items: { requestId: string }[]; next: string }
  const second = (await list(`?limit=1&after=${first.next}`)).body as typeof first
  expect([...first.items, ...second.items].map(({ requestId }) => requestId)).toEqual(made)
  expect(second.next).toBeNull()
  const file = await list('?format=csv')
  expect(file.headers.get('content-type')).toBe('text/csv; charset=utf-8')
  expect(file.text.split('\r\n')[2]).toContain(`'=Ben,"Why, ""exactly""?"`)
})

test('facts are read from the first on, and again from where one stopped', async () => {
  const aClass = await createTestClass(server)
  await createTestPerson(server, aClass, student('Ada'))
  const read = async (query = '') =>
    (await call(server, 'GET', `/classes/${aClass.id}/facts${query}`, { token: ADMIN_KEY })).body as {
      items: { seq: number; type: string }[]
      next: string
    }
  const page = await read('?limit=1')
  expect(page.items.map(({ type }) => type)).toEqual(['class.created'])
  const rest = await read(`?after=${page.next}`)
  expect(rest.items.map(({ type }) => type)).toEqual(['person.registered'])
  expect((await read(`?after=${rest.next}`)).items).toEqual([])
  await startClass(server, aClass)
  expect((await read(`?after=${rest.next}`)).items.map(({ type }) => type)).toEqual(['class.started'])
})
