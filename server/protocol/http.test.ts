import { expect, test } from 'vitest'
import {
  createClassBody,
  createPersonBody,
  createRequestBody,
  joinByCodeBody,
  joinCode,
  pageQuery,
} from './http'

test('[HTTP1] a class needs a title only, and takes no field it does not know', () => {
  expect(createClassBody.parse({ title: ' Algebra ' })).toEqual({ title: 'Algebra' })
  expect(createClassBody.safeParse({ title: 'A', languages: ['EN', 'de'], seats: 2 }).data).toMatchObject({
    languages: ['en', 'de'],
  })
  for (const body of [
    {},
    { title: '' },
    { title: 'A', sets: 2 },
    { title: 'A', languages: [] },
    { title: 'A', languages: ['en', 'EN'] },
  ]) {
    expect(createClassBody.safeParse(body).success, JSON.stringify(body)).toBe(false)
  }
})

test('[HTTP2] names are one line of 1 to 80 characters', () => {
  for (const name of ['', '  ', 'a\nb', 'x'.repeat(81), 'a\u2028b']) {
    expect(joinByCodeBody.safeParse({ name }).success, JSON.stringify(name)).toBe(false)
  }
  // Nothing to see; what follows in the sentence turned round.
  for (const name of ['\u200b', '\u2060\u200d', 'Ada\u202e', '\u2066Ada']) {
    expect(joinByCodeBody.safeParse({ name }).success, JSON.stringify(name)).toBe(false)
  }
  // A joiner belongs to Persian words and to emoji, a mark of direction to Hebrew ones.
  for (const name of ['علی\u200cرضا', '👩\u200d🏫', 'דנה\u200f', 'O’Neil-Ní (5b)']) {
    expect(joinByCodeBody.safeParse({ name }).success, name).toBe(true)
  }
  expect(joinByCodeBody.parse({ name: ' 小林 🙂 ' })).toEqual({ name: '小林 🙂' })
  expect(createPersonBody.safeParse({ name: 'A', role: 'system' }).success).toBe(false)
})

test('[HTTP3] a code is read however it was typed', () => {
  expect(joinCode.parse(' abc-def ')).toBe('ABCDEF')
  expect(joinCode.safeParse('../etc').success).toBe(false)
})

test('[HTTP4] a question needs words, a raised hand does not', () => {
  expect(createRequestBody.safeParse({ kind: 'voice' }).success).toBe(true)
  expect(createRequestBody.safeParse({ kind: 'text' }).success).toBe(false)
})

test('[HTTP5] pages are bounded', () => {
  expect(pageQuery.parse({}).limit).toBe(200)
  expect(pageQuery.safeParse({ limit: '100000' }).success).toBe(false)
})
