import { afterAll, beforeAll, expect, test } from 'vitest'
import { call, createTestClass, createTestPerson, startClass } from '../support/api'
import { ADMIN_KEY, startServer, type TestServer } from '../support/server'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.stop())

test('staff learn what has become of the recording, students do not', async () => {
  const aClass = await createTestClass(server, { recording: 'on' })
  const path = `/classes/${aClass.id}/recording`
  const ask = async (token: string) => (await call(server, 'GET', path, { token })).body.state
  expect(await ask(ADMIN_KEY)).toBe('none')
  await startClass(server, aClass)
  expect(await ask(ADMIN_KEY)).toBe('on')
  const assistant = await createTestPerson(server, aClass, { name: 'Ann', role: 'assistant' })
  expect(await ask(assistant.token)).toBe('on')
  const student = await createTestPerson(server, aClass, { name: 'Ada', role: 'student' })
  expect((await call(server, 'GET', path, { token: student.token })).status).toBe(403)
})

test('only the teacher deletes it, and only after the end', async () => {
  const aClass = await createTestClass(server, { recording: 'on' })
  await startClass(server, aClass)
  const path = `/classes/${aClass.id}/recording`
  const [teacher, assistant] = await Promise.all(
    (['teacher', 'assistant'] as const).map((role) => createTestPerson(server, aClass, { name: role, role })),
  )
  const remove = (token = '') => call(server, 'DELETE', path, { token })
  expect(await remove(teacher?.token)).toMatchObject({ status: 409, body: { code: 'class_not_ended' } })
  await call(server, 'POST', `/classes/${aClass.id}/end`, { token: ADMIN_KEY })
  expect((await remove(assistant?.token)).status).toBe(403)
  expect((await remove(teacher?.token)).status).toBe(204)
  expect((await remove(ADMIN_KEY)).status).toBe(204)
  expect((await call(server, 'GET', path, { token: ADMIN_KEY })).body).toEqual({ state: 'deleted' })
  expect(await typesOf(aClass.id)).toContain('recording.deleted')
})

/** Of all facts: a page may be short without being the last. */
async function typesOf(classId: string): Promise<string[]> {
  const types: string[] = []
  for (let query = ''; ; ) {
    const { body } = await call(server, 'GET', `/classes/${classId}/facts${query}`, { token: ADMIN_KEY })
    const { items, next } = body as { items: { type: string }[]; next: string }
    if (items.length === 0) return types
    types.push(...items.map(({ type }) => type))
    query = `?after=${next}`
  }
}
