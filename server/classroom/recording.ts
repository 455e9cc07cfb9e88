import { actsAsTeacher, type By } from './actor'
import type { CommandOf } from './commands'
import { accept, type Decision, refuse } from './decision'
import type { FactAmong } from './facts'
import type { ClassState } from './state'

/** Of an ended class; while it goes on, the teacher switches the recording off. */
export function decideRecording(state: ClassState, by: By, command: CommandOf<'recording:delete'>): Decision {
  if (by.kind !== 'system' && !actsAsTeacher(by)) return refuse('not_allowed')
  if (state.phase !== 'ended') return refuse('class_not_ended')
  if (state.recording.spans.length === 0) return accept()
  return accept({ type: 'recording.deleted', reason: command.reason ?? 'asked' })
}

export function evolveRecording(state: ClassState, fact: FactAmong<'recording.deleted'>): ClassState {
  return { ...state, recording: { spans: [], deletedAt: fact.at } }
}

/** The state with a span begun or ended at `at`, so that spans are exactly the times when a live class was recorded. */
export function withRecordingAt(state: ClassState, at: number): ClassState {
  const on = state.phase === 'live' && state.settings.recording === 'on'
  const { spans } = state.recording
  const last = spans.at(-1)
  const open = last !== undefined && last.to === undefined
  if (on === open) return state
  const changed = open ? [...spans.slice(0, -1), { ...last, to: at }] : [...spans, { from: at }]
  return { ...state, recording: { ...state.recording, spans: changed } }
}

/** Something of the class was recorded and is not deleted. A run that produced nothing is nothing. */
export function hasRecording({ recording, broadcast }: ClassState): boolean {
  return recording.spans.length > 0 && broadcast.runs.some(({ end }) => end?.segments !== 0)
}

/** Since when the class is being recorded without a break; null: it is not. */
export function findRecordedSince({ recording }: ClassState): number | null {
  const last = recording.spans.at(-1)
  return last && last.to === undefined ? last.from : null
}
