import { expect, it } from 'vitest'
import { isLocal } from './local-visit'

const here = { headers: {}, address: '127.0.0.1', byTrustedProxy: false }

it('is a browser that connects over loopback', () => {
  for (const address of ['127.0.0.1', '127.8.9.1', '::1', '::ffff:127.0.0.1']) {
    expect(isLocal({ ...here, address }), address).toBe(true)
  }
  for (const address of ['192.0.2.7', '::ffff:192.0.2.7', '2001:db8::1', '']) {
    expect(isLocal({ ...here, address }), address).toBe(false)
  }
})

it('is nobody who comes through a proxy that is not trusted, whatever others are', () => {
  for (const name of ['x-forwarded-for', 'x-real-ip', 'forwarded', 'via', 'x-forwarded-proto']) {
    expect(isLocal({ ...here, headers: { [name]: '127.0.0.1' } }), name).toBe(false)
  }
})

it('is whoever a trusted proxy says is here, and nobody where it does not say', () => {
  const proxied = { ...here, byTrustedProxy: true }
  expect(isLocal({ ...proxied, headers: { 'x-forwarded-for': '127.0.0.1' } })).toBe(true)
  expect(isLocal({ ...proxied, address: '192.0.2.7', headers: { 'x-forwarded-for': '192.0.2.7' } })).toBe(
    false,
  )
  expect(isLocal({ ...proxied, headers: { 'x-real-ip': '192.0.2.7' } })).toBe(false)
})
