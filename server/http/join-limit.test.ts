import { expect, it } from 'vitest'
import { toNetwork } from './join-limit'

it('counts all addresses of one IPv6 network as one', () => {
  expect(toNetwork('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2::/64')
  expect(toNetwork('2001:db8:1:2::ffff')).toBe('2001:db8:1:2::/64')
  expect(toNetwork('2001:0DB8:1::9')).toBe('2001:db8:1:0::/64')
  expect(toNetwork('::1')).toBe('0:0:0:0::/64')
  expect(toNetwork('fe80::1%eth0')).toBe('fe80:0:0:0::/64')
})

it('counts each IPv4 address for itself, however it is written', () => {
  expect(toNetwork('192.0.2.7')).toBe('192.0.2.7')
  expect(toNetwork('::ffff:192.0.2.7')).toBe('192.0.2.7')
  expect(toNetwork('')).toBe('')
})
