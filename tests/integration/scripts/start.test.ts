import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { findFreePort } from '../../../scripts/stack/ports'
import { runToEnd } from '../../support/processes'

const cleanups: Array<() => unknown> = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup()
})

async function start(env: Record<string, string>) {
  const dataDir = await mkdtemp(join(tmpdir(), 'amphi-start-'))
  cleanups.push(() => rm(dataDir, { recursive: true, force: true }))
  return runToEnd(process.execPath, ['scripts/bootstrap.mjs', 'start'], {
    NODE_ENV: 'production',
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    DATA_DIR: dataDir,
    ...env,
  })
}

async function occupy(): Promise<number> {
  const port = await findFreePort()
  const server = await new Promise<Server>((resolve) => {
    const listening: Server = createServer().listen(port, () => resolve(listening))
  })
  cleanups.push(() => server.close())
  return port
}

test('wrong values stop the start with names, what was given and what is allowed', async () => {
  const { code, output } = await start({ PORT: 'many', BROADCAST_ENGINE: 'chrome', SECRET_KEYS: 'hunter2' })
  expect(code).toBe(1)
  expect(output).toContain('PORT: given "many"; allowed: a port')
  expect(output).toContain('BROADCAST_ENGINE: given "chrome"; allowed: "worker", "livekit-egress"')
  expect(output).toContain('SECRET_KEYS:')
  expect(output).not.toContain('hunter2')
})

test('a certificate that cannot be read stops the start', async () => {
  const { code, output } = await start({ TLS_CERT: '/nowhere/cert.pem', TLS_KEY: '/nowhere/key.pem' })
  expect(code).toBe(1)
  expect(output).toContain('TLS_CERT: given "/nowhere/cert.pem"; allowed: the path of a PEM file')
})

test('a port in use is named with its variable', async () => {
  const port = await occupy()
  const { code, output } = await start({ PORT: '0', ORIGIN_PORT: String(port) })
  expect(code).toBe(1)
  expect(output).toContain(`ORIGIN_PORT: given ${port}, and another program is using this TCP port`)
})

test("a LiveKit port that was asked for and is taken stops the start, LiveKit's own default gives way", async () => {
  const port = await occupy()
  const { code, output } = await start({ PORT: '0', ORIGIN_PORT: '0', LIVEKIT_TCP_PORT: String(port) })
  expect(code).toBe(1)
  expect(output).toContain(`LIVEKIT_TCP_PORT: given ${port}`)
  expect(output.match(/given/g)).toHaveLength(1)
})

test('a command that does not exist is refused', async () => {
  const { code, output } = await runToEnd(process.execPath, ['scripts/bootstrap.mjs', 'dance'], process.env)
  expect(code).toBe(1)
  expect(output).toContain('There is no command "dance"')
})
