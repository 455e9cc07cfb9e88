import { afterAll, beforeAll, expect, test } from 'vitest'
import { call, createTestClass, createTestPerson, startClass } from '../support/api'
import { eventually } from '../support/eventually'
import { runToEnd } from '../support/processes'
import { ADMIN_KEY, startServer, type TestServer } from '../support/server'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.stop())

const byKey = { token: ADMIN_KEY }

test('[LOG7] a school erases a person: no answer of the API has their name or their words', async () => {
  const aClass = await createTestClass(server)
  await startClass(server, aClass)
  const pupil = { name: 'Ada Secret', role: 'student', externalId: 'secret-4711' }
  const ada = await createTestPerson(server, aClass, pupil)
  await call(server, 'POST', `/classes/${aClass.id}/join`, { token: ada.token })
  const words = { kind: 'text', text: 'My secret question' }
  await call(server, 'POST', `/classes/${aClass.id}/requests`, { token: ada.token, body: words })
  const records = ['attendance', 'requests', 'facts'].map((record) => `/classes/${aClass.id}/${record}`)
  const readAll = async () =>
    JSON.stringify(await Promise.all(records.map((path) => call(server, 'GET', path, byKey))))
  await eventually('all of it is in the records', async () =>
    /Ada Secret.*My secret question/s.test(await readAll()),
  )
  const path = `/classes/${aClass.id}/people/${ada.personId}`
  expect((await call(server, 'DELETE', path, { token: ada.token })).status).toBe(403)
  expect((await call(server, 'DELETE', path, byKey)).status).toBe(204)
  const after = await readAll()
  expect(after).not.toMatch(/secret/i)
  expect(after).toContain('Erased person')
  expect(after).toContain(ada.personId)
  expect((await call(server, 'DELETE', path, byKey)).status).toBe(204)
  expect((await call(server, 'POST', `/classes/${aClass.id}/join`, { token: ada.token })).status).toBe(403)
  // The school may know somebody by the same id again: that is another person.
  const again = await createTestPerson(server, aClass, { ...pupil, name: 'Ada' })
  expect(again.personId).not.toBe(ada.personId)
  const nobody = await call(server, 'DELETE', `/classes/${aClass.id}/people/per_nobody`, byKey)
  expect(nobody).toMatchObject({ status: 404, body: { code: 'unknown_person' } })
})

test('[LOG7] an operator erases a person from the command line', async () => {
  const aClass = await createTestClass(server)
  const ada = await createTestPerson(server, aClass, { name: 'Ada Secret', role: 'student' })
  const erase = (...args: string[]) =>
    runToEnd(process.execPath, ['--import', 'tsx', 'scripts/amphi.ts', 'erase', ...args], {
      ...process.env,
      PORT: new URL(server.url).port,
      ADMIN_API_KEY: ADMIN_KEY,
    })
  expect(await erase(aClass.id, ada.personId)).toEqual({
    code: 0,
    output: `${ada.personId} is erased from ${aClass.id}.\n`,
  })
  const facts = await call(server, 'GET', `/classes/${aClass.id}/facts`, byKey)
  expect(facts.text).not.toContain('Ada Secret')
  const unknown = await erase(aClass.id, 'per_nobody')
  expect([unknown.code, unknown.output]).toEqual([1, expect.stringContaining('unknown_person')])
}, 120_000)
