import { expect, test } from 'vitest'
import { parseHandshake } from './handshake'

function code(auth: unknown) {
  const parsed = parseHandshake(auth)
  return parsed.ok ? null : parsed.error.code
}

test('[HAND1] a handshake needs a token and this version of the protocol', () => {
  expect(parseHandshake({ token: 't', protocol: 1 })).toEqual({
    ok: true,
    handshake: { token: 't', protocol: 1 },
  })
  for (const auth of [
    undefined,
    null,
    'x',
    [],
    {},
    { protocol: 1 },
    { token: '', protocol: 1 },
    { token: 7, protocol: 1 },
  ]) {
    expect(code(auth), JSON.stringify(auth)).toBe('unauthorized')
  }
  for (const protocol of [0, 2, '1', undefined, null]) {
    expect(code({ token: 't', protocol }), String(protocol)).toBe('protocol_version')
  }
})

test('[HAND2] a position that makes no sense is taken as none', () => {
  for (const resume of [
    null,
    {},
    { epoch: -1, seq: 0 },
    { epoch: 1, seq: 1.5 },
    { epoch: 1, seq: '2' },
    'x',
  ]) {
    expect(parseHandshake({ token: 't', protocol: 1, resume })).toMatchObject({ ok: true })
    const parsed = parseHandshake({ token: 't', protocol: 1, resume })
    expect(parsed.ok && parsed.handshake.resume).toBeUndefined()
  }
  expect(parseHandshake({ token: 't', protocol: 1, resume: { epoch: 1, seq: 9 } })).toMatchObject({
    handshake: { resume: { epoch: 1, seq: 9 } },
  })
})

test('[HAND3] other fields of auth are ignored, a wrong device is refused', () => {
  expect(code({ token: 't', protocol: 1, theme: 'dark' })).toBeNull()
  expect(code({ token: 't', protocol: 1, deviceId: 'a b' })).toBe('bad_payload')
})
