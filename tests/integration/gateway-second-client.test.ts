import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { call, createTestClass, createTestPerson, startClass } from '../support/api'
import { eventually } from '../support/eventually'
import { connectClient } from '../support/gateway'
import { startServer, type TestServer } from '../support/server'

const SECOND_CLIENT = fileURLToPath(new URL('../../docs/examples/second-client.mjs', import.meta.url))

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server?.stop())

test('the second client of the documentation joins, asks, hears, and goes when it is told to', async () => {
  const school = await createTestClass(server, { seats: 5 })
  await startClass(server, school)
  const teacher = await createTestPerson(server, school, { name: 'Tea', role: 'teacher' })
  const joined = await call(server, 'POST', `/classes/${school.id}/join`, { token: teacher.token, body: {} })
  const { gateway } = joined.body as { gateway: { url: string; token: string } }
  const staff = connectClient(server.url, { token: gateway.token, protocol: 1 })
  await staff.until((c) => c.you !== null)

  const child = spawn(process.execPath, [SECOND_CLIENT, server.url, school.code, 'Ana', 'Why is it so?'])
  let printed = ''
  const complaints: string[] = []
  child.stdout.on('data', (chunk) => {
    printed += chunk
  })
  child.stderr.on('data', (chunk) => complaints.push(String(chunk)))
  const ended = once(child, 'close')

  const isAsked = () => Object.values(staff.view?.requests ?? {}).some(({ text }) => text === 'Why is it so?')
  await eventually('it asks', isAsked, 60_000)
  await staff.send('chat:send', { text: 'Welcome' })
  const ana = Object.values(staff.view?.people ?? {}).find(({ name }) => name === 'Ana')
  await staff.send('person:remove', { personId: ana?.personId })
  const [code] = await ended
  staff.close()
  expect({ code, complaints }).toEqual({ code: 0, complaints: [] })
  for (const line of [
    'the class "Algebra" is live',
    'you: seat held',
    'question:ask done by fact',
    'chat.sent Welcome',
    'bye: removed',
  ]) {
    expect(printed).toContain(line)
  }
}, 120_000)
