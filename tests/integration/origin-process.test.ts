import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createOriginRig, type OriginRig } from '../support/origin'

const SECRET = 'a secret key for this test only'
let rig: OriginRig

beforeAll(async () => {
  rig = await createOriginRig()
})
afterAll(() => rig.stop())

function startProcess(environment: Record<string, string>): ChildProcess {
  const { PATH = '', HOME = '' } = process.env
  return spawn(process.execPath, ['--import', 'tsx', 'egress/origin/index.ts'], {
    env: { PATH, HOME, NODE_ENV: 'test', ORIGIN_PORT: '0', BROADCAST_DIR: rig.dir, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

async function readText(stream: NodeJS.ReadableStream | null): Promise<string> {
  let text = ''
  for await (const chunk of stream ?? []) text += String(chunk)
  return text
}

test('[OPR1] the process says where it listens, answers there, and stops cleanly when it is told to', async () => {
  const child = startProcess({ REDIS_URL: rig.redis.url, SECRET_KEYS: SECRET })
  const lines = createInterface({ input: child.stdout ?? process.stdin })
  const [line] = await once(lines, 'line')
  const { msg, port } = JSON.parse(String(line))
  expect(msg).toBe('listening')
  expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200)
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  expect(await exited).toEqual([0, null])
})

test('[OPR2] without Redis or keys it says which variable is missing, and does not start', async () => {
  const child = startProcess({})
  const exited = once(child, 'exit')
  const text = await readText(child.stderr)
  expect((await exited)[0]).toBe(1)
  expect(text).toContain('REDIS_URL')
  expect(text).toContain('SECRET_KEYS')
})
