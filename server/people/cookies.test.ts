import { expect, it } from 'vitest'
import { readPersonCookies, toPersonCookies } from './cookies'

it('finds the people of a browser among its other cookies', () => {
  const people = readPersonCookies('theme=dark; amphi.per_a=a.b.c; amphi.per_b=d.e.f; broken')
  expect([...people]).toEqual([
    ['per_a', 'a.b.c'],
    ['per_b', 'd.e.f'],
  ])
})

it('keeps tokens from scripts, and from plain HTTP where there is TLS', () => {
  const [cookie] = toPersonCookies('per_a', 'a.b.c', true, new Map())
  expect(cookie).toBe('amphi.per_a=a.b.c; Max-Age=43200; Path=/; HttpOnly; SameSite=Lax; Secure')
})

it('lets go of the oldest people of a browser before its headers grow too long', () => {
  const present = new Map(Array.from({ length: 21 }, (_, n) => [`per_${n}`, 'x']))
  const cookies = toPersonCookies('per_new', 'y', false, present)
  expect(cookies.slice(1).map((cookie) => cookie.split('=')[0])).toEqual(['amphi.per_0', 'amphi.per_1'])
})

it('renews a person without letting go of anybody', () => {
  const present = new Map(Array.from({ length: 20 }, (_, n) => [`per_${n}`, 'x']))
  expect(toPersonCookies('per_0', 'y', false, present)).toHaveLength(1)
})
