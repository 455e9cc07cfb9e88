import type { Audience } from './audience'
import { findRecordedSince } from './recording'
import type { ClassState } from './state'
import { rowsOf } from './table'
import type { BroadcastView, ClassView } from './view'
import {
  isVisible,
  toChatMessageView,
  toInvitationView,
  toPersonView,
  toRequestView,
  toScreenView,
  toSpeakerView,
} from './view-rows'

/** The whole class as an audience may know it: what a snapshot carries. */
export function toClassView(state: ClassState, audience: Audience): ClassView {
  if (audience === 'waiting') return { ...aboutTheClass(state), ...nothingOfIt }
  const requests = [...rowsOf(state.requests)].filter((r) => isVisible(r, audience))
  return {
    ...aboutTheClass(state),
    requests: keyed(requests.map((r) => [r.requestId, toRequestView(state, r, audience)])),
    speakers: keyed(Object.values(state.stage).map((s) => [s.personId, toSpeakerView(state, s)])),
    pinned: state.pinned,
    screen: state.screen && toScreenView(state, state.screen, audience),
    chat: state.chat.map((m) => toChatMessageView(state, m)),
    broadcast: toBroadcastView(state),
    ...(audience === 'staff' && staffOnly(state)),
  }
}

function toBroadcastView({ broadcast: { state, pictures } }: ClassState): BroadcastView {
  if (!pictures) return { state }
  const { main, aside, shownAt } = pictures
  return { state, main, aside, shownAt }
}

function aboutTheClass(state: ClassState) {
  const recordedSince = findRecordedSince(state)
  return {
    classId: state.classId,
    title: state.title,
    code: state.code,
    phase: state.phase,
    ...(state.startedAt !== undefined && { startedAt: state.startedAt }),
    ...(state.endedAt !== undefined && { endedAt: state.endedAt }),
    settings: state.settings,
    quiet: state.quiet,
    ...(recordedSince !== null && { recordedSince }),
  }
}

/** What those who wait have not been let in to see. */
const nothingOfIt = {
  requests: {},
  speakers: {},
  pinned: null,
  screen: null,
  chat: [],
  broadcast: { state: 'off' },
} as const

function staffOnly(state: ClassState): Pick<ClassView, 'people' | 'invitations'> {
  const people = [...rowsOf(state.people)].filter((p) => p.place.at !== 'removed')
  const invitations = Object.values(state.invitations)
  return {
    people: keyed(people.map((p) => [p.personId, toPersonView(p)])),
    invitations: keyed(invitations.map((i) => [i.invitationId, toInvitationView(state, i)])),
  }
}

function keyed<Row>(entries: [string, Row][]): Record<string, Row> {
  return Object.fromEntries(entries)
}
