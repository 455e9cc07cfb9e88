import { expect, test } from 'vitest'
import { toJsonb } from './jsonb'

test('text that jsonb refuses is replaced, all other text stays as it is', () => {
  const stored = JSON.parse(toJsonb({ text: 'a\0b \ud800c \ud83d\ude00 \\u0000', seq: 1 }))
  expect(stored).toEqual({ text: 'a\ufffdb \ufffdc \ud83d\ude00 \\u0000', seq: 1 })
})

test('ordinary facts are not touched', () => {
  const fact = { type: 'chat.sent', text: 'naïve 😀 "quoted"', seq: 7 }
  expect(toJsonb(fact)).toBe(JSON.stringify(fact))
})
