import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parseEnvFile } from '../scripts/env-file.mjs'
import { ConfigError, parseConfig, requireOriginResolved, requireResolved } from './config'
import { variableNames } from './variables'

const example = readFileSync(new URL('../.env.example', import.meta.url), 'utf8')

const resolved = {
  DATABASE_URL: 'postgres://amphi:secret@127.0.0.1:5432/amphi',
  REDIS_URL: 'redis://:secret@127.0.0.1:6379',
  LIVEKIT_URL: 'ws://127.0.0.1:7880',
  LIVEKIT_API_KEY: 'key',
  LIVEKIT_API_SECRET: 'livekit-secret',
  ADMIN_API_KEY: 'admin-api-key',
  SECRET_KEYS: 'first-key-0123456789,second-key-0123456789',
}

const messageOf = (env: Record<string, string>): string => {
  try {
    parseConfig(env)
  } catch (error) {
    if (error instanceof ConfigError) return error.message
  }
  throw new Error('the environment was accepted')
}

test('an empty environment is a whole configuration for one machine', () => {
  const config = parseConfig({})
  expect(config).toMatchObject({
    port: 3000,
    publicUrl: 'http://localhost:3000',
    origin: { port: 3080, publicUrl: 'http://localhost:3000/hls' },
    livekit: { publicUrl: 'ws://localhost:3000/livekit' },
    broadcast: { engine: 'worker', tokens: 'person' },
    createClasses: 'local',
    logLevel: 'info',
    nodeEnv: 'production',
    trustedProxies: [],
    secretKeys: [],
  })
  expect(config.broadcast.dir).toBe(`${config.dataDir}/broadcast`)
})

test('an empty value counts as absent', () => {
  expect(parseConfig({ PORT: '', PUBLIC_URL: ' ', SECRET_KEYS: '' }).port).toBe(3000)
})

test('with a certificate the public addresses are encrypted', () => {
  const config = parseConfig({ TLS_CERT: '/cert.pem', TLS_KEY: '/key.pem', PORT: '8443' })
  expect(config.publicUrl).toBe('https://localhost:8443')
  expect(config.livekit.publicUrl).toBe('wss://localhost:8443/livekit')
  expect(config.tls).toEqual({ cert: '/cert.pem', key: '/key.pem' })
})

test('a public URL loses its trailing slash', () => {
  expect(parseConfig({ PUBLIC_URL: 'https://class.example.org/' }).publicUrl).toBe(
    'https://class.example.org',
  )
})

test('every wrong variable is named with what was given and what is allowed', () => {
  const message = messageOf({ PORT: '99999', BROADCAST_ENGINE: 'chrome', CREATE_CLASSES: 'me' })
  expect(message).toContain('PORT: given "99999"; allowed: a port, 1 to 65535')
  expect(message).toContain('BROADCAST_ENGINE: given "chrome"; allowed: "worker", "livekit-egress"')
  expect(message).toContain('CREATE_CLASSES: given "me"; allowed: "local", "key", "anyone"')
})

test.each([
  ['PUBLIC_URL', 'class.example.org'],
  ['PUBLIC_URL', 'https://example.org/class'],
  ['ORIGIN_PUBLIC_URL', 'ftp://example.org'],
  ['JOIN_LIMIT_PER_IP', '-1'],
  ['JOIN_LIMIT_PER_IP', 'many'],
  ['TRUSTED_PROXIES', '10.0.0.0/33'],
  ['TRUSTED_PROXIES', 'my-proxy'],
  ['LOG_LEVEL', 'loud'],
  ['PORT', '3000.5'],
])('%s refuses %j', (name, value) => {
  expect(messageOf({ [name]: value })).toContain(`${name}: given ${JSON.stringify(value)}; allowed:`)
})

test.each([
  [{ TLS_CERT: '/cert.pem' }, 'TLS_KEY'],
  [{ TLS_KEY: '/key.pem' }, 'TLS_CERT'],
  [{ LIVEKIT_URL: 'ws://sfu.example.org' }, 'LIVEKIT_API_KEY'],
  [{ LIVEKIT_API_KEY: 'key' }, 'LIVEKIT_API_SECRET'],
])('%j alone is refused for want of %s', (env, name) => {
  expect(messageOf(env)).toContain(`${name}: given nothing`)
})

test('server and origin cannot share a port', () => {
  expect(messageOf({ PORT: '4000', ORIGIN_PORT: '4000' })).toContain('ORIGIN_PORT: given "4000"')
})

test('secrets and passwords never appear in the message', () => {
  const message = messageOf({
    ADMIN_API_KEY: 'hunter2',
    SECRET_KEYS: 'first-key-0123456789,hunter2',
    DATABASE_URL: 'mysql://amphi:hunter2@hunter2@db/amphi?password=hunter2',
    REDIS_URL: 'user:hunter2@cache',
  })
  expect(message).toContain('DATABASE_URL')
  expect(message).not.toContain('hunter2')
})

test('of several secret keys the first is the one that signs', () => {
  expect(parseConfig(resolved).secretKeys).toEqual(['first-key-0123456789', 'second-key-0123456789'])
})

test('a server refuses to run while something is unresolved, the origin needs Redis and keys only', () => {
  expect(requireResolved(parseConfig(resolved)).livekit.apiSecret).toBe('livekit-secret')
  const { DATABASE_URL: _, ADMIN_API_KEY: __, ...partial } = resolved
  expect(() => requireResolved(parseConfig(partial))).toThrow(
    /DATABASE_URL: given nothing[\s\S]*ADMIN_API_KEY/,
  )
  const { REDIS_URL, SECRET_KEYS } = resolved
  expect(requireOriginResolved(parseConfig({ REDIS_URL, SECRET_KEYS })).redisUrl).toBe(REDIS_URL)
  expect(() => requireOriginResolved(parseConfig({ SECRET_KEYS }))).toThrow(/REDIS_URL: given nothing/)
})

test('.env.example is a valid environment, shows every variable, in the order they are read', () => {
  const shown = parseEnvFile(example.replaceAll(/^#(?=[A-Z])/gm, ''))
  expect(Object.keys(shown)).toEqual(variableNames)
  expect(parseConfig(shown).publicUrl).toBe('https://class.example.org')
  expect(parseEnvFile(example)).toEqual({})
})
