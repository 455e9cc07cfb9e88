import { expect, it } from 'vitest'
import { toCsv } from './csv'

it('quotes what would break a row', () => {
  expect(toCsv(['name', 'n'], [['Ada, "the first"', 1]])).toBe('\uFEFFname,n\r\n"Ada, ""the first""",1\r\n')
})

it('keeps spreadsheets from running a name as a formula', () => {
  expect(toCsv(['name'], [['=HYPERLINK("x")'], ['+1'], ['-1'], ['@a']])).toBe(
    '\uFEFFname\r\n"\'=HYPERLINK(""x"")"\r\n\'+1\r\n\'-1\r\n\'@a\r\n',
  )
})

it('writes numbers as numbers and nothing as nothing', () => {
  expect(toCsv(['a', 'b'], [[-5, null]])).toBe('\uFEFFa,b\r\n-5,\r\n')
})
