import { describe, expect, test } from 'vitest'
import { defaultSettings } from '../../server/classroom/settings'
import type { ClassView, ViewFact } from '../../server/classroom/view'
import { newClassModel, withFacts, withoutHead, withSnapshot } from './class-model'
import { valueAt } from './timeline'

const view: ClassView = {
  classId: 'cls_1',
  title: 'Optics',
  code: 'ABC123',
  phase: 'live',
  settings: defaultSettings,
  quiet: false,
  requests: {},
  speakers: {},
  pinned: null,
  screen: null,
  chat: [],
  broadcast: { state: 'on' },
}
const started = withSnapshot(newClassModel, { epoch: 1, seq: 10, now: 1_000, class: view })
const chat = (seq: number, text: string): ViewFact => ({
  seq,
  at: seq * 100,
  type: 'chat.sent',
  messageId: `m${seq}`,
  personId: 'per_1',
  name: 'Ada',
  role: 'student',
  text,
})
const show = (seq: number, text: string): ViewFact => ({
  seq,
  at: seq * 100,
  type: 'screen.shown',
  screenId: `s${seq}`,
  text,
  language: 'en',
})

describe('frames of facts', () => {
  test('a frame that follows is applied, whole', () => {
    const { kind, model } = withFacts(started, { after: 10, seq: 12, facts: [chat(11, 'a'), chat(12, 'b')] })
    expect(kind).toBe('applied')
    expect(model.head).toEqual({ epoch: 1, seq: 12 })
    expect(model.view?.chat.map((message) => message.text)).toEqual(['a', 'b'])
  })
  test('a frame seen before changes nothing', () => {
    expect(withFacts(started, { after: 9, seq: 10, facts: [chat(10, 'a')] })).toEqual({
      kind: 'known',
      model: started,
    })
  })
  test('a hole is noticed and nothing is applied', () => {
    const result = withFacts(started, { after: 11, seq: 12, facts: [chat(12, 'b')] })
    expect(result.kind).toBe('missed')
    expect(result.model).toBe(started)
  })
  test('facts mean nothing until the snapshot that was announced is here', () => {
    expect(withFacts(withoutHead(started), { after: 10, seq: 11, facts: [chat(11, 'a')] }).kind).toBe('known')
  })
})

describe('what is on screen, for a late picture', () => {
  test('every change keeps the moment it belongs to', () => {
    const { model } = withFacts(started, { after: 10, seq: 12, facts: [show(11, 'one'), show(12, 'two')] })
    expect(valueAt(model.screens, 1_150)?.text).toBe('one')
    expect(valueAt(model.screens, 1_200)?.text).toBe('two')
    expect(valueAt(model.screens, 1_099)).toBeNull()
  })
  test('a snapshot of the same screen after a reconnect does not move its moment', () => {
    const { model } = withFacts(started, { after: 10, seq: 11, facts: [show(11, 'one')] })
    const again = withSnapshot(model, {
      epoch: 1,
      seq: 20,
      now: 9_000,
      class: { ...view, screen: model.view?.screen ?? null },
    })
    expect(again.screens).toBe(model.screens)
  })
  test('a screen that was there before one came is dated by its own moment', () => {
    const screen = { screenId: 's1', at: 700, text: 'before', language: 'en' }
    const model = withSnapshot(newClassModel, { epoch: 1, seq: 3, now: 5_000, class: { ...view, screen } })
    expect(valueAt(model.screens, 600)).toBeNull()
    expect(valueAt(model.screens, 700)?.text).toBe('before')
  })
})
