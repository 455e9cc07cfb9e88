import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTokens } from '../../server/people/tokens'
import { call, createTestClass, createTestPerson, startClass, type TestClass } from '../support/api'
import { eventually } from '../support/eventually'
import { type Client, connectClient } from '../support/gateway'
import { createOriginRig, type OriginRig } from '../support/origin'
import { ADMIN_KEY, SECRET, startServer, type TestServer } from '../support/server'
import { recordTapes } from '../support/tape'
import { createTapeWorker } from '../support/tape-worker'

const TAPE_SECONDS = 24
const PART_MS = 230
/** Hundreds of times livelier than people: ten students do within seconds what 200 do in minutes. */
const PACE = '200'
/** The demo is compiled when it starts, on a busy machine for long: idle, its first student is there in seconds. */
const ARRIVAL_MS = 60_000
const TEST_MS = 120_000
/** Whoever the demo leaves behind, as it waits for no slow server, is gone for the class after 45 s. */
const GONE_MS = 60_000

let server: TestServer
let rig: OriginRig
beforeAll(async () => {
  rig = await createOriginRig()
  const origin = await rig.start({ tokens: createTokens([SECRET], Date.now) })
  server = await startServer({ ORIGIN_PORT: String(origin.port) })
})
afterAll(async () => {
  await server?.stop()
  await rig?.stop()
})

type Demo = { printed(): string; exited: Promise<unknown[]>; stop(): void }

function startDemo(args: string[], env: Record<string, string> = {}): Demo {
  const child = spawn(process.execPath, ['--import', 'tsx', 'scripts/demo.ts', ...args], {
    env: {
      NODE_ENV: 'production',
      PATH: process.env.PATH,
      PORT: new URL(server.url).port,
      DATA_DIR: server.env.DATA_DIR,
      ADMIN_API_KEY: ADMIN_KEY,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      printed += chunk
    })
  }
  return {
    printed: () => printed,
    exited: once(child, 'close'),
    stop: () => void child.kill('SIGINT'),
  }
}

/** What `npm start` leaves for the demo. */
const keepAsDemoClass = (school: TestClass) =>
  writeFile(join(server.env.DATA_DIR ?? '', 'demo-class.json'), JSON.stringify(school))

/** Parts as they would come from a class, until the tape is over. */
async function broadcast(classId: string): Promise<() => void> {
  const tapes = await recordTapes(TAPE_SECONDS)
  const worker = createTapeWorker(rig.dir, classId, 'run_demo', tapes, Date.now())
  worker.writeTo(1)
  await rig.setPlan({ classId, ended: false, recorded: false, runs: [{ runId: 'run_demo', base: 0 }] })
  const timer = setInterval(() => worker.step(), PART_MS)
  return () => clearInterval(timer)
}

async function watchAsTeacher(school: TestClass): Promise<Client> {
  const { token } = await createTestPerson(server, school, { name: 'Tea', role: 'teacher' })
  const { body } = await call(server, 'POST', `/classes/${school.id}/join`, { token, body: {} })
  const { gateway } = body as { gateway: { token: string } }
  const teacher = connectClient(server.url, { token: gateway.token, protocol: 1 })
  await teacher.until((c) => c.you !== null)
  return teacher
}

const countsOf = async ({ id }: TestClass) =>
  (await call(server, 'GET', `/classes/${id}`, { token: ADMIN_KEY })).body.counts as {
    seats: { held: number }
    overflow: number
    waiting: number
  }

async function isEmpty(school: TestClass): Promise<boolean> {
  const { seats, overflow, waiting } = await countsOf(school)
  return seats.held + overflow + waiting === 0
}

test(
  'the demo fills both tiers, lives, declines the stage, and ends when its minutes are over',
  async () => {
    const school = await createTestClass(server, { seats: 3, languages: ['en', 'de', 'ar'] })
    await keepAsDemoClass(school)
    await startClass(server, school)
    const stopBroadcast = await broadcast(school.id)
    const teacher = await watchAsTeacher(school)
    const demo = startDemo(['--students', '10', '--pace', PACE, '--minutes', '0.25'])

    const students = () => Object.values(teacher.view?.people ?? {}).filter(({ role }) => role === 'student')
    await eventually(
      'seven are in the overflow',
      () => students().filter(({ tier }) => tier === 'overflow').length === 7,
      ARRIVAL_MS,
    )
    expect(students().filter(({ tier }) => tier === 'seat')).toHaveLength(3)
    const invited = await teacher.send('stage:invite', { personId: students()[0]?.personId, grade: 'audio' })
    expect(invited).toMatchObject({ ok: true })
    const happened = (type: string) => teacher.facts.some((fact) => fact.type === type)
    await teacher.until(() => ['request.made', 'chat.sent', 'stage.declined'].every(happened))
    const hands = () => teacher.facts.filter((fact) => fact.type === 'request.made' && fact.kind === 'voice')
    await teacher.until(() => hands().length > 0)

    const [code] = await demo.exited
    stopBroadcast()
    const printed = demo.printed()
    expect({ code, printed }).toEqual({ code: 0, printed: expect.stringMatching(/0\.25 minutes are over/) })
    expect(printed).toMatch(/seat 3, overflow 7, waiting 0 \| hands [1-9]/)
    expect(printed).toMatch(/players 7 \(\d\d+ reloads, [1-9]\d* parts\)/)
    expect(printed.match(/errors .*/g)?.at(-1)).toBe('errors 0')
    await eventually('everybody is out of the class', () => isEmpty(school), GONE_MS)
    teacher.close()
  },
  TEST_MS,
)

test(
  'before the start students wait and say for what; Ctrl-C takes them out of the class',
  async () => {
    const school = await createTestClass(server, { seats: 1 })
    const demo = startDemo(['--students', '3', '--class', school.code])
    await eventually('three wait', async () => (await countsOf(school)).waiting === 3, ARRIVAL_MS)
    await eventually('it says so', () => demo.printed().includes('waiting 3 (for Start class)'))
    demo.stop()
    const [code] = await demo.exited
    expect({ code, printed: demo.printed() }).toMatchObject({
      code: 0,
      printed: expect.stringContaining('press "Start class"'),
    })
    // Long before the class would count them as gone.
    await eventually('everybody has left', () => isEmpty(school))
  },
  TEST_MS,
)

test(
  'when the class ends the demo does',
  async () => {
    const school = await createTestClass(server, { seats: 1 })
    await startClass(server, school)
    const demo = startDemo(['--students', '2', '--class', school.code])
    const areIn = async () => {
      const { seats, overflow } = await countsOf(school)
      return seats.held + overflow === 2
    }
    await eventually('both are in', areIn, ARRIVAL_MS)
    await call(server, 'POST', `/classes/${school.id}/end`, { token: ADMIN_KEY })
    const [code] = await demo.exited
    expect({ code, printed: demo.printed() }).toMatchObject({
      code: 0,
      printed: expect.stringContaining('The class is over'),
    })

    await keepAsDemoClass(school)
    const again = startDemo(['--students', '2'])
    expect((await again.exited)[0]).toBe(1)
    expect(again.printed()).toContain('The demo class has ended')
  },
  TEST_MS,
)

test(
  'what is missing or wrong is said',
  async () => {
    const outcome = async (args: string[], env?: Record<string, string>) => {
      const demo = startDemo(args, env)
      const [code] = await demo.exited
      return { code, printed: demo.printed() }
    }
    const [nothingRuns, neverStarted, unknown, wrong, help] = await Promise.all([
      outcome(['--class', 'ABCD'], { PORT: '1' }),
      outcome([], { ADMIN_API_KEY: '', DATA_DIR: join(server.env.DATA_DIR ?? '', 'empty') }),
      outcome(['--class', 'ZZZZZZ']),
      outcome(['--students', 'many']),
      outcome(['--help']),
    ])
    const says = (code: number, words: string) => ({ code, printed: expect.stringContaining(words) })
    expect(nothingRuns).toEqual(says(1, 'No Amphi answers on port 1'))
    expect(neverStarted).toEqual(says(1, 'start Amphi first'))
    expect(unknown).toEqual(says(1, 'There is no class with the code ZZZZZZ'))
    expect(wrong).toEqual(says(1, '--students is a whole number from 1 to 2000.'))
    expect(help).toEqual(says(0, 'Not simulated is media of'))
  },
  TEST_MS,
)
