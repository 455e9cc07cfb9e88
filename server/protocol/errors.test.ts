import { expect, test } from 'vitest'
import { refusalCodes } from '../classroom/refusals'
import { byeCodes, toError, transportErrorCodes } from './errors'

test('[ERR1] one code means one thing on every transport', () => {
  const codes = [...refusalCodes.filter((code) => code !== 'removed'), ...byeCodes, ...transportErrorCodes]
  expect(new Set(codes).size).toBe(codes.length)
})

test('[ERR2] an error says whether to come back, and when if that is known', () => {
  expect(toError('draining', { retryAfterMs: 700 })).toMatchObject({ retryable: true, retryAfterMs: 700 })
  expect(toError('removed')).toEqual({
    code: 'removed',
    message: 'You were removed from this class.',
    retryable: false,
  })
})
