import { describe, expect, test } from 'vitest'
import { toMediaRights } from '../classroom/media-rights'
import type { Person, Place, Role } from '../classroom/people'
import { defaultSettings } from '../classroom/settings'
import { type ClassState, emptyClass, type Speaker } from '../classroom/state'
import { emptyTable, withRow } from '../classroom/table'
import {
  emptyMemory,
  HAND_OVER_MS,
  type Memory,
  SILENT_JOIN_MS,
  SPEAKER_AWAY_MS,
  toCorrections,
} from './corrections'
import { toMetadata, toPermission } from './permission'
import type { Present } from './rooms'

const NOW = 1_000_000
const seat: Place = { at: 'seat', since: 1 }
const overflow: Place = { at: 'overflow', since: 1, wantsSeat: true }

function classOf(...people: [personId: string, role: Role, place: Place][]): ClassState {
  let rows = emptyTable<Person>()
  for (const [personId, role, place] of people) {
    rows = withRow(rows, personId, {
      personId,
      name: personId,
      role,
      language: 'en',
      place,
      audienceSince: 1,
      spoken: 0,
    })
  }
  return { ...emptyClass('cls_a', defaultSettings), phase: 'live', people: rows }
}

function onStage(state: ClassState, personId: string, step: 'connecting' | 'live'): ClassState {
  const common = { personId, grade: 'audio', since: NOW } as const
  const speaker: Speaker =
    step === 'live' ? { ...common, state: step } : { ...common, state: step, until: NOW + 30_000 }
  return { ...state, stage: { ...state.stage, [personId]: speaker } }
}

/** In the room exactly as the log wants them. */
function rightly(state: ClassState, personId: string, tracks: Present['tracks'] = []): Present {
  const rights = toMediaRights(state, personId)
  return { personId, permission: toPermission(rights), metadata: toMetadata(rights), tracks }
}

const microphone: Present['tracks'][number] = { sid: 'TR_1', source: 2, muted: false }
const found = (state: ClassState, present: Present[], memory: Memory = emptyMemory, now = NOW) =>
  toCorrections(state, present, memory, now)

describe('rights', () => {
  const state = classOf(['per_t', 'teacher', { at: 'desk', since: 1 }], ['per_s', 'student', seat])

  test('a room that is as the log wants it needs nothing', () => {
    expect(found(state, [rightly(state, 'per_t'), rightly(state, 'per_s')]).corrections).toEqual([])
  })

  test('a student who may publish without being on stage is corrected', () => {
    const wrong = rightly(onStage(state, 'per_s', 'live'), 'per_s')
    expect(found(state, [wrong]).corrections).toEqual([{ kind: 'rights', personId: 'per_s' }])
  })

  test('a metadata role that is not theirs is corrected', () => {
    const wrong = { ...rightly(state, 'per_s'), metadata: '{"role":"teacher"}' }
    expect(found(state, [wrong]).corrections).toEqual([{ kind: 'rights', personId: 'per_s' }])
  })
})

describe('people who may not be there', () => {
  test('strangers, the removed and those who left are removed at once', () => {
    const state = classOf(['per_r', 'student', { at: 'removed' }], ['per_l', 'student', { at: 'outside' }])
    const present = ['per_r', 'per_l', 'per_x'].map((personId) => rightly(state, personId))
    expect(found(state, present).corrections.map(({ kind, personId }) => [kind, personId])).toEqual([
      ['remove', 'per_r'],
      ['remove', 'per_l'],
      ['remove', 'per_x'],
    ])
  })

  test('a student back in overflow stays as a listener for the hand-over, then is removed', () => {
    const state = classOf(['per_o', 'student', overflow])
    const speaking = { ...rightly(onStage(state, 'per_o', 'live'), 'per_o'), tracks: [microphone] }
    const first = found(state, [speaking])
    expect(first.corrections).toEqual([{ kind: 'rights', personId: 'per_o' }])
    const listening = rightly(state, 'per_o')
    const later = found(state, [listening], first.memory, NOW + HAND_OVER_MS - 1)
    expect(later.corrections).toEqual([])
    const last = found(state, [listening], later.memory, NOW + HAND_OVER_MS)
    expect(last.corrections).toEqual([{ kind: 'remove', personId: 'per_o' }])
  })

  test('who comes back with an old token gets no second grace', () => {
    const state = classOf(['per_o', 'student', overflow])
    const first = found(state, [rightly(state, 'per_o')])
    const gone = found(state, [], first.memory, NOW + HAND_OVER_MS)
    const back = found(state, [rightly(state, 'per_o')], gone.memory, NOW + HAND_OVER_MS + 1)
    expect(back.corrections).toEqual([{ kind: 'remove', personId: 'per_o' }])
  })
})

describe('speakers', () => {
  const seated = classOf(['per_s', 'student', seat])
  const joined = { kind: 'seen', personId: 'per_s', present: true }
  const gone = { kind: 'seen', personId: 'per_s', present: false }

  test('who may publish and does is on stage', () => {
    const state = onStage(seated, 'per_s', 'connecting')
    expect(found(state, [rightly(state, 'per_s', [microphone])]).corrections).toEqual([joined])
  })

  test('who has not got the permission yet is not on stage', () => {
    const state = onStage(seated, 'per_s', 'connecting')
    const { corrections } = found(state, [rightly(seated, 'per_s')])
    expect(corrections).toEqual([{ kind: 'rights', personId: 'per_s' }])
  })

  test('who stays silent is on stage after some seconds', () => {
    const state = onStage(seated, 'per_s', 'connecting')
    const silent = rightly(state, 'per_s')
    const first = found(state, [silent])
    expect(first.corrections).toEqual([])
    expect(found(state, [silent], first.memory, NOW + SILENT_JOIN_MS).corrections).toEqual([joined])
  })

  test('who reloads stays on stage, who is away for longer is gone', () => {
    const state = onStage(seated, 'per_s', 'live')
    const away = found(state, [])
    expect(found(state, [], away.memory, NOW + SPEAKER_AWAY_MS - 1).corrections).toEqual([])
    expect(found(state, [], away.memory, NOW + SPEAKER_AWAY_MS).corrections).toEqual([gone])
    const back = found(state, [rightly(state, 'per_s')], away.memory, NOW + SPEAKER_AWAY_MS - 1)
    expect(found(state, [], back.memory, NOW + SPEAKER_AWAY_MS).corrections).toEqual([])
  })
})
