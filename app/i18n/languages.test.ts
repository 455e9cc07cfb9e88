import { expect, test } from 'vitest'
import { directionOf, languageName } from './languages'

test('Arabic, Hebrew, Persian and Urdu run from right to left', () => {
  for (const language of ['ar', 'he', 'fa-IR', 'ur', 'ar-EG']) expect(directionOf(language)).toBe('rtl')
})
test('others run from left to right', () => {
  for (const language of ['en', 'de-CH', 'tr', 'zh-Hans']) expect(directionOf(language)).toBe('ltr')
})
test('the script decides where the tag names one', () => {
  expect(directionOf('az-Arab')).toBe('rtl')
  expect(directionOf('ar-Latn')).toBe('ltr')
})
test('a language that nobody named is called by its tag', () => {
  expect(languageName('de')).toBe('German')
  expect(languageName('not a tag')).toBe('not a tag')
})
