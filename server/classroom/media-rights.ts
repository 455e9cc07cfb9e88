import { isStaff } from './people'
import { isInClass } from './placement'
import type { ClassState } from './state'
import { findRow } from './table'
import type { MediaRights } from './you'

const none: MediaRights = { mayConnect: false, sources: [], metadataRole: 'student', roomAdmin: false }

/** What LiveKit must let this person do now. Follows from the state alone, so that a reload or a lost webhook heals. */
export function toMediaRights(state: ClassState, personId: string): MediaRights {
  const person = findRow(state.people, personId)
  if (!person || state.phase === 'ended' || !isInClass(person)) return none
  if (isStaff(person)) {
    const role = person.role === 'teacher' ? 'teacher' : 'assistant'
    const sources: MediaRights['sources'] = ['camera', 'microphone', 'screen_share', 'screen_share_audio']
    return { mayConnect: true, sources, metadataRole: role, roomAdmin: role === 'teacher' }
  }
  const speaker = state.stage[personId]
  if (speaker) {
    const sources: MediaRights['sources'] =
      speaker.grade === 'video' ? ['microphone', 'camera'] : ['microphone']
    return { mayConnect: true, sources, metadataRole: 'student_speaker', roomAdmin: false }
  }
  return { ...none, mayConnect: person.place.at === 'seat' }
}
