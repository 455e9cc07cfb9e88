import { expect, test } from 'vitest'
import { toDeviceError } from './device-errors'

const named = (name: string) => Object.assign(new Error('x'), { name })

test('a person who said no is told how to say yes', () => {
  expect(toDeviceError(named('NotAllowedError'))).toBe('denied')
})
test('no device, a busy device and an insecure page are told apart', () => {
  expect(toDeviceError(named('NotFoundError'))).toBe('missing')
  expect(toDeviceError(named('NotReadableError'))).toBe('busy')
  expect(toDeviceError(named('SecurityError'))).toBe('insecure')
})
test('whatever else goes wrong has an answer too', () => {
  expect(toDeviceError('odd')).toBe('failed')
})
