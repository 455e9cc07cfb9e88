import { expect, it } from 'vitest'
import { newCode, parseCode } from './codes'

it('makes codes of three groups of letters that nobody takes for digits', () => {
  let n = 0
  expect(newCode((below) => n++ % below)).toMatch(
    /^[BCDFGHJKMNPQRSTVWXYZ]{3}(-[BCDFGHJKMNPQRSTVWXYZ]{3}){2}$/,
  )
})

it('reads a code however it is typed', () => {
  expect(parseCode(' kfm wtx-bzd ')).toBe('KFM-WTX-BZD')
  expect(parseCode('KFMWTXBZD')).toBe('KFM-WTX-BZD')
})

it('says at once that something cannot be a code', () => {
  expect(parseCode('../../etc')).toBeNull()
  expect(parseCode('')).toBeNull()
})
