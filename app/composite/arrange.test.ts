import { expect, test } from 'vitest'
import { arrange, type Shown } from './arrange'

const camera = (personId: string, change: Partial<Shown> = {}): Shown => ({
  id: `${personId}-camera`,
  personId,
  source: 'camera',
  teacher: false,
  spokeAt: 0,
  ...change,
})
const teacher = camera('per_t', { teacher: true })
const share: Shown = { ...teacher, id: 'per_t-screen', source: 'screen' }
const ids = ({ main, aside }: ReturnType<typeof arrange>) => [main?.id, aside?.id]

test('a shared screen is large, with the teacher beside it', () => {
  expect(ids(arrange([teacher, camera('per_s', { spokeAt: 5 }), share], 'per_s'))).toEqual([
    'per_t-screen',
    'per_t-camera',
  ])
})

test('without one it is whom the teacher pinned, else who spoke last, else the teacher alone', () => {
  const two = [teacher, camera('per_a', { spokeAt: 5 }), camera('per_b', { spokeAt: 9 })]
  expect(ids(arrange(two, 'per_a'))).toEqual(['per_a-camera', 'per_t-camera'])
  expect(ids(arrange(two, null))).toEqual(['per_b-camera', 'per_t-camera'])
  expect(ids(arrange([teacher, camera('per_a')], null))).toEqual(['per_t-camera', undefined])
  expect(ids(arrange([], null))).toEqual([undefined, undefined])
})
