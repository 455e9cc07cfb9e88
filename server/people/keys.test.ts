import { expect, test } from 'vitest'
import { deriveKey, equalSecrets } from './keys'

test('[KEY1] each purpose and each secret has a key of its own', () => {
  const exported = [deriveKey('a', 'watch'), deriveKey('a', 'person'), deriveKey('b', 'watch')].map((key) =>
    key.export().toString('hex'),
  )
  expect(new Set(exported).size).toBe(3)
  expect(exported[0]).toHaveLength(64)
})

test('[KEY2] the same secret gives the same key in every process', () => {
  expect(deriveKey('a', 'watch').equals(deriveKey('a', 'watch'))).toBe(true)
})

test('[KEY3] secrets are equal only if every character is, whatever their lengths', () => {
  expect(equalSecrets('key_1234', 'key_1234')).toBe(true)
  expect(equalSecrets('key_1235', 'key_1234')).toBe(false)
  expect(equalSecrets('key_123', 'key_1234')).toBe(false)
  expect(equalSecrets('', 'key_1234')).toBe(false)
})
