import { describe, expect, test } from 'vitest'
import { type Failure, toRecovery } from './recovery'

describe('recovery of the broadcast', () => {
  test('a broadcast that is not there yet is asked for every second, for as long as it takes', () => {
    for (const attempt of [0, 5, 500]) {
      expect(toRecovery({ kind: 'http', status: 404 }, attempt, 0.5)).toEqual({
        step: 'begin-again',
        afterMs: 1_000,
        phase: 'starting',
        freshAddress: false,
      })
    }
  })
  test('a refused token is replaced', () => {
    expect(toRecovery({ kind: 'http', status: 403 }, 0, 0)).toMatchObject({
      freshAddress: true,
      step: 'begin-again',
    })
  })
  test('a broken decoder is mended first, then replaced', () => {
    expect(toRecovery({ kind: 'media' }, 0, 0)).toMatchObject({ step: 'mend-media', afterMs: 0 })
    expect(toRecovery({ kind: 'media' }, 1, 0).step).toBe('begin-again')
  })
  test('every failure is tried again, never later than in eight seconds', () => {
    const failures: Failure[] = [
      { kind: 'network' },
      { kind: 'media' },
      { kind: 'stuck' },
      { kind: 'http', status: 500 },
    ]
    for (const failure of failures) {
      for (let attempt = 0; attempt < 100; attempt++) {
        expect(toRecovery(failure, attempt, 0.99).afterMs).toBeLessThanOrEqual(8_000)
      }
    }
  })
})
