import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ServerProcess, startServerProcess } from '../load/child'
import { type Attack, attacks } from '../load/hostile'
import { call, createTestClass, createTestPerson, startClass, type TestClass } from '../support/api'
import { eventually } from '../support/eventually'
import { type Client, connectClient } from '../support/gateway'
import { createServerEnvironment, type ServerEnvironment } from '../support/server'

/** Enough that 20 kB left behind by each, a forgotten socket, would be seen. */
const CONNECTIONS = 120
const AT_ONCE = 50
/** Compiled code, buffers of the pool and the class's own history make as much of a difference. */
const NOISE_BYTES = 2_500_000

let environment: ServerEnvironment
let server: ServerProcess
let reached: { url: string }
let school: TestClass
let teacher: Client

beforeAll(async () => {
  environment = await createServerEnvironment()
  server = await startServerProcess('gateway-process.ts', environment.env)
  reached = { url: `http://127.0.0.1:${server.port}` }
  school = await createTestClass(reached, {})
  await startClass(reached, school)
  teacher = connectClient(reached.url, await toAuth('teacher'))
  await teacher.until((c) => c.you !== null)
})
afterAll(async () => {
  teacher?.close()
  await server?.stop()
  await environment?.stop()
})

/** Of a new person: who floods is kept outside for a while. */
async function toAuth(role: string): Promise<object> {
  const { token } = await createTestPerson(reached, school, { name: role, role })
  const { body } = await call(reached, 'POST', `/classes/${school.id}/join`, { token, body: {} })
  return { token: (body.gateway as { token: string }).token, protocol: 1 }
}

async function storm(attack: Attack, auths: object[]): Promise<void> {
  let next = 0
  const auth = async () => auths[next++ % auths.length] ?? {}
  let begun = 0
  const lane = async () => {
    while (begun++ < CONNECTIONS) await attack({ port: server.port, auth })
  }
  await Promise.all(Array.from({ length: AT_ONCE }, lane))
}

/** Only the teacher is connected: the server knows of the others that they are gone. */
async function untilAlone(): Promise<void> {
  await eventually('the others are gone', async () => {
    const metrics = await (await fetch(`${reached.url}/metrics`)).text()
    return /^amphi_gateway_sockets 1$/m.test(metrics)
  })
}

test.each(Object.entries(attacks))(
  '[HOST3] %s harms nobody else, and leaves nothing behind',
  async (_what, attack) => {
    const auths = await Promise.all(Array.from({ length: 10 }, () => toAuth('student')))
    await storm(attack, auths)
    await untilAlone()
    const before = await server.ask('memory', {})
    await storm(attack, auths)
    await untilAlone()
    const after = await server.ask('memory', {})
    expect(after.heapBytes - before.heapBytes).toBeLessThan(NOISE_BYTES)
    expect(await teacher.send('chat:send', { text: 'still here' })).toMatchObject({ ok: true })
    expect(teacher.holes).toEqual([])
  },
  60_000,
)

test('[HOST4] ten thousand frames a second from one socket end in a bye, and are not obeyed', async () => {
  const flooder = connectClient(reached.url, await toAuth('student'))
  await flooder.until((c) => c.you !== null)
  const said = () => teacher.facts.filter((fact) => 'text' in fact && fact.text === 'flood').length
  for (let i = 0; i < 10_000; i++)
    flooder.socket.emit('chat:send', { id: crypto.randomUUID(), text: 'flood' })
  await flooder.until((c) => c.byes.length > 0 && !c.socket.connected)
  expect(flooder.byes).toMatchObject([{ code: 'flooding', retryable: true }])
  expect(await teacher.send('chat:send', { text: 'calm' })).toMatchObject({ ok: true })
  expect(said()).toBeLessThan(100)
})
