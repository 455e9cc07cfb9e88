import { expect, test } from 'vitest'
import { isAllowedOrigin } from './origins'

const ours = ['https://class.example/']

test('[ORIG1] our own pages, listed ones, and programs without an Origin may connect', () => {
  expect(isAllowedOrigin({ host: 'x', origin: 'https://class.example' }, ours)).toBe(true)
  expect(isAllowedOrigin({ host: '127.0.0.1:3000', origin: 'http://127.0.0.1:3000' }, ours)).toBe(true)
  expect(isAllowedOrigin({ host: 'x' }, ours)).toBe(true)
})

test('[ORIG2] foreign, hidden and broken origins may not', () => {
  for (const origin of [
    'https://evil.example',
    'null',
    '',
    'https://class.example.evil',
    'file://',
    'http://class.example',
  ]) {
    expect(isAllowedOrigin({ host: 'class.example', origin }, ours), origin).toBe(
      origin === 'http://class.example',
    )
  }
})
