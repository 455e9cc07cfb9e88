import { expect, test } from 'vitest'
import { Rehearsal } from '../../tests/support/rehearsal'
import { defaultSettings } from '../classroom/settings'
import { emptyClass } from '../classroom/state'
import { toStateText } from './state-text'

test('a state written in pieces reads as it was', async () => {
  const class_ = Rehearsal.live(200, { seats: 3 })
  class_.as('s1', { name: 'hand:raise', text: 'a "quoted" word' })
  class_.as('t', { name: 'screen:show', text: 'Hallo 😀', language: 'de' })
  expect(JSON.parse(await toStateText(class_.state))).toEqual(JSON.parse(JSON.stringify(class_.state)))
})

test('so does one that nobody is in', async () => {
  const state = emptyClass('cls_1', defaultSettings)
  expect(JSON.parse(await toStateText(state))).toEqual(state)
})
