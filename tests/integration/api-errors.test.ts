import { createHash } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { insertApiKey } from '../../db/api-keys'
import { insertOrganization } from '../../db/organizations'
import { createTokens } from '../../server/people/tokens'
import { type Answer, call, createTestClass, createTestPerson, startClass } from '../support/api'
import { ADMIN_KEY, SECRET, startServer, type TestServer } from '../support/server'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.stop())

function expectProblem(answer: Answer, status: number, code: string) {
  expect(answer.headers.get('content-type')).toContain('application/problem+json')
  expect({ status: answer.status, code: answer.body.code }).toEqual({ status, code })
  expect(answer.body).toMatchObject({
    type: `urn:amphi:problem:${code}`,
    status,
    title: expect.any(String),
    detail: expect.any(String),
  })
}

const student = { name: 'Ada', role: 'student' }

describe('who may call', () => {
  test('nobody without a key makes a class', async () => {
    const body = { title: 'Algebra' }
    const none = await call(server, 'POST', '/classes', { body })
    expectProblem(none, 401, 'unauthorized')
    expect(none.headers.get('www-authenticate')).toBe('Bearer')
    expectProblem(await call(server, 'POST', '/classes', { body, token: 'wrong-key' }), 401, 'unauthorized')
  })

  test('a person makes no class, and reads nothing of another', async () => {
    const [mine, other] = [await createTestClass(server), await createTestClass(server)]
    const { token } = await createTestPerson(server, mine, { name: 'Tea', role: 'teacher' })
    expectProblem(await call(server, 'POST', '/classes', { token, body: { title: 'x' } }), 403, 'forbidden')
    expectProblem(await call(server, 'GET', `/classes/${other.id}`, { token }), 403, 'forbidden')
  })

  test('students start no class and read no lists; assistants read but do not start', async () => {
    const aClass = await createTestClass(server)
    const ada = await createTestPerson(server, aClass, student)
    const assistant = await createTestPerson(server, aClass, { name: 'Ash', role: 'assistant' })
    const path = `/classes/${aClass.id}`
    for (const list of ['requests', 'attendance', 'facts']) {
      expectProblem(await call(server, 'GET', `${path}/${list}`, { token: ada.token }), 403, 'forbidden')
      expect((await call(server, 'GET', `${path}/${list}`, { token: assistant.token })).status).toBe(200)
    }
    for (const { token } of [ada, assistant]) {
      expectProblem(await call(server, 'POST', `${path}/start`, { token }), 403, 'forbidden')
    }
  })

  test('a token that was forged, or is of another purpose, opens nothing', async () => {
    const aClass = await createTestClass(server)
    const { personId, token } = await createTestPerson(server, aClass, student)
    const claims = { cls: aClass.id, sub: personId, role: 'student', ver: 0 } as const
    const forged = await createTokens(['another-secret-of-somebody-else'], Date.now).signPerson(claims)
    const gateway = await createTokens([SECRET], Date.now).signGateway(claims)
    const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${token.split('.')[1]}.`
    for (const wrong of [forged, gateway, unsigned]) {
      const answer = await call(server, 'POST', `/classes/${aClass.id}/join`, { token: wrong })
      expectProblem(answer, 401, 'unauthorized')
    }
  })

  test('a token that has expired says so', async () => {
    const aClass = await createTestClass(server)
    const { personId } = await createTestPerson(server, aClass, student)
    const claims = { cls: aClass.id, sub: personId, role: 'student', ver: 0 } as const
    const token = await createTokens([SECRET], () => Date.now() - 86_400_000).signPerson(claims)
    const answer = await call(server, 'POST', `/classes/${aClass.id}/join`, { token })
    expectProblem(answer, 401, 'token_expired')
  })

  test('a school sees its own classes only', async () => {
    const db = new pg.Pool({ connectionString: server.databaseUrl })
    await insertOrganization(db, { orgId: 'org_school', name: 'School' })
    const keyHash = createHash('sha256').update('school-key').digest()
    await insertApiKey(db, { keyId: 'key_1', orgId: 'org_school', name: 'Key', keyHash })
    await db.end()
    const theirs = await createTestClass(server)
    expectProblem(
      await call(server, 'GET', `/classes/${theirs.id}`, { token: 'school-key' }),
      404,
      'unknown_class',
    )
    const made = await call(server, 'POST', '/classes', { token: 'school-key', body: { title: 'Ours' } })
    expect(made.status).toBe(201)
    const path = `/classes/${made.body.id}`
    expect((await call(server, 'GET', path, { token: 'school-key' })).status).toBe(200)
    expect((await call(server, 'GET', path, { token: ADMIN_KEY })).status).toBe(200)
  })
})

describe('pages of others', () => {
  test('act for nobody who is signed in here', async () => {
    const aClass = await createTestClass(server)
    const { personId, token } = await createTestPerson(server, aClass, student)
    const post = (headers: Record<string, string>) =>
      call(server, 'POST', `/classes/${aClass.id}/join`, {
        headers: { Cookie: `amphi.${personId}=${token}`, ...headers },
      })
    const own = { 'X-Amphi-Person': personId, Origin: server.url }
    expect((await post(own)).status).toBe(200)
    expectProblem(await post({ ...own, Origin: 'https://evil.example' }), 403, 'bad_origin')
    expectProblem(await post({ ...own, Origin: 'null' }), 403, 'bad_origin')
    expectProblem(await post({ Origin: server.url }), 401, 'unauthorized')
  })

  test('a link chooses the person for reading only', async () => {
    const aClass = await createTestClass(server)
    const { personId, token } = await createTestPerson(server, aClass, { name: 'Tea', role: 'teacher' })
    const headers = { Cookie: `amphi.${personId}=${token}` }
    const path = `/classes/${aClass.id}`
    const file = await call(server, 'GET', `${path}/attendance?format=csv&as=${personId}`, { headers })
    expect(file.status).toBe(200)
    expectProblem(
      await call(server, 'POST', `${path}/start?as=${personId}`, { headers }),
      401,
      'unauthorized',
    )
  })
})

describe('codes', () => {
  test('a code that is nobody’s is unknown, whatever it looks like', async () => {
    for (const code of ['BBB-BBB-BBB', 'x', '%00', '..%2F..']) {
      expectProblem(await call(server, 'GET', `/join/${code}`), 404, 'unknown_code')
      const body = { name: 'Gus' }
      expectProblem(await call(server, 'POST', `/join/${code}`, { body }), 404, 'unknown_code')
    }
  })

  test('nobody enters a class that has ended', async () => {
    const aClass = await createTestClass(server)
    const { token } = await createTestPerson(server, aClass, student)
    await startClass(server, aClass)
    await call(server, 'POST', `/classes/${aClass.id}/end`, { token: ADMIN_KEY })
    const guest = await call(server, 'POST', `/join/${aClass.code}`, { body: { name: 'Gus' } })
    expectProblem(guest, 403, 'class_ended')
    expectProblem(await call(server, 'POST', `/classes/${aClass.id}/join`, { token }), 403, 'class_ended')
    expectProblem(await startClass(server, aClass), 403, 'class_ended')
  })

  test('nobody new enters a class that is locked', async () => {
    const aClass = await createTestClass(server, { entry: 'locked' })
    const guest = await call(server, 'POST', `/join/${aClass.code}`, { body: { name: 'Gus' } })
    expectProblem(guest, 403, 'class_locked')
  })
})

describe('what is asked', () => {
  test.each([
    [{}, 'title'],
    [{ title: '' }, 'title'],
    [{ title: 'x'.repeat(201) }, 'title'],
    [{ title: 'x', seats: -1 }, 'seats'],
    [{ title: 'x', seats: '5' }, 'seats'],
    [{ title: 'x', languages: ['not a language'] }, 'languages'],
    [{ title: 'x', seat: 5 }, 'seat'],
  ])('a class of %j is refused and the field named', async (body, field) => {
    const answer = await call(server, 'POST', '/classes', { token: ADMIN_KEY, body })
    expectProblem(answer, 422, 'bad_payload')
    expect(answer.body.detail).toContain(field)
  })

  test('a body that is not JSON, or larger than any of ours, is refused', async () => {
    const post = (body: string) => call(server, 'POST', '/classes', { token: ADMIN_KEY, body })
    expectProblem(await post('{"title":'), 422, 'bad_payload')
    expectProblem(await post(JSON.stringify({ title: 'x'.repeat(70_000) })), 413, 'too_large')
  })

  test('calls and classes that do not exist are not found', async () => {
    expectProblem(await call(server, 'GET', '/nothing'), 404, 'not_found')
    const token = ADMIN_KEY
    expectProblem(await call(server, 'GET', '/classes/cls_nobody', { token }), 404, 'unknown_class')
    expectProblem(await call(server, 'GET', '/classes/%7B%7D', { token }), 404, 'unknown_class')
  })

  test('a cursor of something else is refused', async () => {
    const aClass = await createTestClass(server)
    const answer = await call(server, 'GET', `/classes/${aClass.id}/facts?after=x`, { token: ADMIN_KEY })
    expectProblem(answer, 422, 'bad_payload')
  })

  test('a second request within a minute waits, and is told how long', async () => {
    const aClass = await createTestClass(server)
    const { token } = await createTestPerson(server, aClass, student)
    await startClass(server, aClass)
    await call(server, 'POST', `/classes/${aClass.id}/join`, { token })
    const ask = (kind: string) =>
      call(server, 'POST', `/classes/${aClass.id}/requests`, { token, body: { kind, text: 'Why?' } })
    expect((await ask('text')).status).toBe(201)
    const second = await ask('voice')
    expectProblem(second, 429, 'rate_limited')
    const seconds = Number(second.headers.get('retry-after'))
    expect(seconds).toBeGreaterThan(50)
    expect(seconds).toBeLessThanOrEqual(60)
  })

  test('staff make no requests, and students none before they are in', async () => {
    const aClass = await createTestClass(server)
    await startClass(server, aClass)
    const teacher = await createTestPerson(server, aClass, { name: 'Tea', role: 'teacher' })
    const ada = await createTestPerson(server, aClass, student)
    const ask = (token: string) =>
      call(server, 'POST', `/classes/${aClass.id}/requests`, { token, body: { kind: 'voice' } })
    expectProblem(await ask(teacher.token), 403, 'forbidden')
    expectProblem(await ask(ada.token), 409, 'not_in_class')
  })
})

test('too many joins from one address wait', async () => {
  const limited = await startServer({ JOIN_LIMIT_PER_IP: '3' })
  try {
    const aClass = await createTestClass(limited)
    const join = () => call(limited, 'POST', `/join/${aClass.code}`, { body: { name: 'Gus' } })
    const answers = await Promise.all([1, 2, 3, 4, 5].map(join))
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, 201, 429, 429])
    const refused = answers.find(({ status }) => status === 429) as Answer
    expectProblem(refused, 429, 'too_many_joins')
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await call(limited, 'GET', `/join/${aClass.code}`)).status).toBe(200)
    // Whoever tries codes is stopped by the same limit, and learns of no right one either.
    expectProblem(await call(limited, 'GET', '/join/BBB-BBB-BBB'), 429, 'too_many_joins')
    expectProblem(await call(limited, 'GET', `/join/${aClass.code}`), 429, 'too_many_joins')
  } finally {
    await limited.stop()
  }
})
