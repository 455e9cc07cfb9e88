import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { livekitServer } from '../../../scripts/setup/go'
import { type Machine, SetupError } from '../../../scripts/setup/machine'
import { chromium, redis, systemPackages } from '../../../scripts/setup/packages'
import { runSteps, type Step } from '../../../scripts/setup/step'

let emptyDir: string
beforeAll(async () => {
  emptyDir = await mkdtemp(join(tmpdir(), 'amphi-path-'))
})
afterAll(() => rm(emptyDir, { recursive: true, force: true }))

const bare = (over: Partial<Machine> = {}): Machine => ({
  isRoot: false,
  isDebian: true,
  env: { NODE_ENV: 'test', PATH: emptyDir },
  ...over,
})

async function messageOf(step: Step, machine: Machine): Promise<string> {
  const lines: string[] = []
  const error = await runSteps([step], machine, (line) => lines.push(line)).catch((thrown: unknown) => thrown)
  if (!(error instanceof SetupError)) throw new Error(`the step passed: ${lines.join('\n')}`)
  return error.message
}

/** A step as on a machine where nothing was built before. */
const unbuilt = (step: Step): Step => ({ ...step, isDone: () => false })

test('without Redis, Debian without root is told the command', async () => {
  const message = await messageOf(systemPackages([redis]), bare())
  expect(message).toContain('Missing: Redis (redis-server)')
  expect(message).toContain(
    "sudo sh -c 'apt-get update && apt-get install --no-install-recommends redis-server'",
  )
})

test('without Redis, another system is told what to install', async () => {
  const message = await messageOf(systemPackages([redis]), bare({ isDebian: false }))
  expect(message).toContain('Missing: Redis (redis-server). Install it')
  expect(message).not.toContain('apt')
})

test('without Chromium the tests say so', async () => {
  expect(await messageOf(systemPackages([chromium]), bare())).toContain('Missing: Chromium')
})

test('what is missing is named all at once', async () => {
  const message = await messageOf(systemPackages([redis, chromium]), bare())
  expect(message).toContain('Missing: Redis (redis-server); Chromium.')
})

test('without Go the message says which is needed, for what, and the ways around', async () => {
  const message = await messageOf(unbuilt(livekitServer), bare())
  expect(message).toContain('Setup stopped at livekit-server.')
  expect(message).toContain('Go 1.26 or newer is needed')
  expect(message).toContain('There is no go on PATH')
  expect(message).toContain('LIVEKIT_URL')
})

test('a Go that is too old is named', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'amphi-old-go-'))
  await writeFile(join(dir, 'go'), '#!/bin/sh\necho go version go1.19.8 linux/amd64\n')
  await chmod(join(dir, 'go'), 0o755)
  const message = await messageOf(unbuilt(livekitServer), bare({ env: { NODE_ENV: 'test', PATH: dir } }))
  await rm(dir, { recursive: true })
  expect(message).toContain('The go on PATH is go1.19.8')
})

test('a command that fails is shown with its last lines and what to do', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'amphi-broken-go-'))
  const script = 'if [ "$1" = version ]; then echo go1.27.0; else echo no such module >&2; exit 3; fi'
  await writeFile(join(dir, 'go'), `#!/bin/sh\n${script}\n`)
  await chmod(join(dir, 'go'), 0o755)
  const message = await messageOf(unbuilt(livekitServer), bare({ env: { NODE_ENV: 'test', PATH: dir } }))
  await rm(dir, { recursive: true })
  expect(message).toContain('ended with 3:\n  no such module')
  expect(message).toContain('check the network and GOPROXY')
})

test('a step that is done is not run again', async () => {
  const lines: string[] = []
  const step: Step = {
    name: 'Nothing',
    doing: 'failing',
    isDone: () => true,
    run: () => Promise.reject(new Error('it ran')),
  }
  await runSteps([step], bare(), (line) => lines.push(line))
  expect(lines).toEqual([])
})
