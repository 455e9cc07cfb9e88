import { expect, test } from 'vitest'
import { arrangeTiles, type Seen } from './tiles'

const teacher: Seen = { identity: 't', camera: true, screen: false, staff: true, joinedAt: 1 }
const ada: Seen = { identity: 'a', camera: true, screen: false, staff: false, joinedAt: 2 }
const bob: Seen = { identity: 'b', camera: false, screen: false, staff: false, joinedAt: 3 }

test('the teacher is large, speakers follow in the order in which they came', () => {
  expect(arrangeTiles([bob, ada, teacher], null)).toEqual({
    main: 'camera:t',
    others: ['camera:a', 'camera:b'],
  })
})
test('a shared screen is larger than any face', () => {
  const { main, others } = arrangeTiles([{ ...teacher, screen: true }, ada], null)
  expect(main).toBe('screen:t')
  expect(others).toEqual(['camera:t', 'camera:a'])
})
test('who is pinned comes before the teacher', () => {
  expect(arrangeTiles([teacher, bob], 'b').main).toBe('camera:b')
})
test('an empty stage has no tile', () => {
  expect(arrangeTiles([], null)).toEqual({ main: null, others: [] })
})
