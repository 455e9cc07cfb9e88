import { describe, expect, it } from 'vitest'
import { isOwnOrigin, isSafeHost, toBaseUrl, toReachable } from './base-url'

describe('the base by which a browser came', () => {
  it('is PUBLIC_URL, whatever the Host header says', () => {
    expect(toBaseUrl('https://class.example.org', 'evil.example')).toBe('https://class.example.org')
  })

  it('is the name the browser used where PUBLIC_URL only names this machine', () => {
    expect(toBaseUrl('http://localhost:3000', '192.168.1.7:3000')).toBe('http://192.168.1.7:3000')
    expect(toBaseUrl('http://localhost:3000', undefined)).toBe('http://localhost:3000')
    expect(toBaseUrl('http://localhost:3000', 'a b')).toBe('http://localhost:3000')
  })

  it('moves our own URLs with it and leaves those of others', () => {
    const move = (url: string) => toReachable(url, 'http://localhost:3000', 'http://10.0.0.1:3000')
    expect(move('ws://localhost:3000/livekit')).toBe('ws://10.0.0.1:3000/livekit')
    expect(move('http://localhost:3000/hls')).toBe('http://10.0.0.1:3000/hls')
    expect(move('https://cdn.example.org/hls')).toBe('https://cdn.example.org/hls')
  })
})

it('takes no unsafe request from the pages of others', () => {
  expect(isOwnOrigin('https://class.example.org', 'https://class.example.org', 'class.example.org')).toBe(
    true,
  )
  expect(isOwnOrigin(undefined, 'https://class.example.org', 'class.example.org')).toBe(true)
  expect(isOwnOrigin('https://evil.example', 'https://class.example.org', 'evil.example')).toBe(false)
  expect(isOwnOrigin('null', 'http://localhost:3000', 'localhost:3000')).toBe(false)
})

it('does not take a stranger’s name for this machine', () => {
  expect(isSafeHost('127.0.0.1:3000', 'http://localhost:3000')).toBe(true)
  expect(isSafeHost('[::1]:3000', 'http://localhost:3000')).toBe(true)
  expect(isSafeHost('evil.example:3000', 'http://localhost:3000')).toBe(false)
})
