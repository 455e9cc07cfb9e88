import { SignJWT } from 'jose'
import { expect, test } from 'vitest'
import { deriveKey } from './keys'
import { ANY_VIEWER, createTokens, GATEWAY_TOKEN_MS, PERSON_TOKEN_MS } from './tokens'

const START = 1_763_851_234_000
const person = { cls: 'cls_1', sub: 'per_1', role: 'student', ver: 0 } as const

function at(ms: number, ...secrets: string[]) {
  return createTokens(secrets.length ? secrets : ['secret-one'], () => ms)
}

test('[TOK1] a token read before it expires gives back its claims', async () => {
  const token = await at(START).signPerson(person)
  expect(await at(START + PERSON_TOKEN_MS - 1000).readPerson(token)).toEqual({
    ok: true,
    claims: person,
    expiresAt: START + PERSON_TOKEN_MS,
  })
})

test('[TOK2] a token past its time is expired, not invalid', async () => {
  const token = await at(START).signGateway(person)
  expect(await at(START + GATEWAY_TOKEN_MS).readGateway(token)).toEqual({ ok: false, reason: 'expired' })
})

test('[TOK3] an expired token that nobody here signed is invalid, so nothing is told about it', async () => {
  const token = await at(START, 'foreign').signLink({ cls: 'cls_1', role: 'student' }, 1000)
  expect(await at(START + 60_000).readLink(token)).toEqual({ ok: false, reason: 'invalid' })
})

test('[TOK4] a token is good for its own purpose only', async () => {
  const tokens = at(START)
  const token = await tokens.signPerson(person)
  for (const read of [tokens.readGateway, tokens.readWatch, tokens.readLink]) {
    expect(await read(token)).toEqual({ ok: false, reason: 'invalid' })
  }
})

test('[TOK5] the first secret signs and every secret verifies, so secrets can be changed', async () => {
  const old = await at(START, 'old').signWatch({ cls: 'cls_1', sub: ANY_VIEWER, ver: 0 })
  const both = at(START, 'new', 'old')
  expect(await both.readWatch(old)).toMatchObject({ ok: true })
  const fresh = await both.signWatch({ cls: 'cls_1', sub: ANY_VIEWER, ver: 0 })
  expect(await at(START, 'new').readWatch(fresh)).toMatchObject({ ok: true })
  expect(await at(START, 'old').readWatch(fresh)).toEqual({ ok: false, reason: 'invalid' })
})

test('[TOK6] whatever is not a token of ours is invalid and never throws', async () => {
  const key = deriveKey('secret-one', 'person')
  const good = await at(START).signPerson(person)
  const [header, payload, signature] = good.split('.')
  const none = Buffer.from('{"alg":"none"}').toString('base64url')
  const wrong = [
    '',
    'x',
    '..',
    `${header}.${payload}.`,
    `${header}.${payload}.${signature?.slice(0, -2)}AA`,
    `${none}.${payload}.`,
    `${good}.${good}`,
    `${header}.${payload}.${signature}.x`,
    await new SignJWT({ ...person }).setProtectedHeader({ alg: 'HS512' }).setExpirationTime('1h').sign(key),
    await new SignJWT({ ...person }).setProtectedHeader({ alg: 'HS256' }).sign(key),
    await new SignJWT({ ...person, role: 'owner' })
      .setProtectedHeader({ alg: 'HS256' })
      .setExpirationTime(START / 1000 + 60)
      .sign(key),
    await new SignJWT({ ...person, cls: '../x' })
      .setProtectedHeader({ alg: 'HS256' })
      .setExpirationTime(START / 1000 + 60)
      .sign(key),
  ]
  for (const token of wrong) {
    expect(await at(START).readPerson(token), token).toEqual({ ok: false, reason: 'invalid' })
  }
})

test('[TOK7] a link carries a person only if it was made for one', async () => {
  const tokens = at(START)
  const open = await tokens.readLink(await tokens.signLink({ cls: 'cls_1', role: 'teacher' }))
  const named = await tokens.readLink(await tokens.signLink({ cls: 'cls_1', role: 'student', sub: 'per_9' }))
  expect(open).toMatchObject({ ok: true, claims: { cls: 'cls_1', role: 'teacher' } })
  expect(named).toMatchObject({ ok: true, claims: { sub: 'per_9' } })
})

test('[TOK8] no secret, no tokens', () => {
  expect(() => createTokens([], () => START)).toThrow('SECRET_KEYS')
})
