import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createOriginRig, type OriginRig } from '../support/origin'

const SECRET = 'a secret key for this test only'
let rig: OriginRig

beforeAll(async () => {
  rig = await createOriginRig()
})
afterAll(() => rig.stop())

function startProcess(environment: Record<string, string>, nodeOptions: string[] = []): ChildProcess {
  const { PATH = '', HOME = '' } = process.env
  return spawn(process.execPath, ['--import', 'tsx', ...nodeOptions, 'egress/origin/index.ts'], {
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

test('[OPR3] a promise that fails unheard is told and ends nothing; a fault that nobody caught ends it in order', async () => {
  const faults = `process.on('SIGUSR2', () => { void Promise.reject(new Error('unheard')) })
    process.on('SIGHUP', () => { throw new Error('uncaught') })`
  const child = startProcess({ REDIS_URL: rig.redis.url, SECRET_KEYS: SECRET }, [
    '--import',
    `data:text/javascript,${encodeURIComponent(faults)}`,
  ])
  const lines: { msg: string; port?: number; err?: { message: string } }[] = []
  createInterface({ input: child.stdout ?? process.stdin }).on('line', (line) => lines.push(JSON.parse(line)))
  const said = (message: string) => lines.some(({ msg, err }) => [msg, err?.message].includes(message))
  await expect.poll(() => said('listening'), { timeout: 20_000 }).toBe(true)
  const exited = once(child, 'exit')
  child.kill('SIGUSR2')
  await expect.poll(() => said('unheard'), { timeout: 10_000 }).toBe(true)
  const port = lines.find(({ msg }) => msg === 'listening')?.port
  expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200)
  child.kill('SIGHUP')
  expect(await exited).toEqual([1, null])
  expect([said('uncaught'), said('stopped')]).toEqual([true, true])
}, 60_000)

test('[OPR4] where no descriptor is left, whoever wanted ffmpeg is told so, and nothing else fails', async () => {
  const limited = [
    'ulimit -n 64; exec "$0" --import tsx tests/support/out-of-descriptors.ts',
    process.execPath,
  ]
  const { stdout } = await promisify(execFile)('sh', ['-c', ...limited])
  expect(JSON.parse(stdout)).toEqual({ makeMp4: 'EMFILE', toFragments: 'EMFILE', takeSample: 'EMFILE' })
}, 60_000)
