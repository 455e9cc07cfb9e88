import { CHAT_KEPT } from './chat'
import type { Role, Tier } from './people'
import type {
  ClassView,
  InvitationView,
  PersonView,
  RequestView,
  ScreenView,
  SpeakerView,
  ViewFact,
} from './view'

type Rows<Row> = Readonly<Record<string, Row>>

/**
 * The class after a fact, as the same audience knows it. The law that tests hold it to: a snapshot followed by facts
 * equals the snapshot taken later. Unknown types change nothing: a page may be older than the server.
 */
export function evolveView(view: ClassView, fact: ViewFact): ClassView {
  switch (fact.type) {
    case 'class.started':
      return withRecordedSince({ ...view, phase: 'live', startedAt: fact.at }, fact.at)
    case 'class.ended':
      return withRecordedSince({ ...view, phase: 'ended', endedAt: fact.at }, fact.at)
    case 'class.quieted':
      return { ...view, quiet: fact.on }
    case 'class.changed':
      return withRecordedSince({ ...view, settings: { ...view.settings, ...fact.settings } }, fact.at)
    case 'person.registered': {
      const { personId, name, role, language } = fact
      return withPerson(view, personId, { personId, name, role, language, tier: null, spoken: 0 })
    }
    case 'person.joined':
    case 'person.denied':
    case 'person.left':
    case 'person.changed':
    case 'seat.taken':
    case 'seat.released':
      return movePerson(view, fact)
    case 'person.removed': {
      if (!view.people) return view
      return { ...view, people: without(view.people, fact.personId) }
    }
    case 'request.made':
    case 'request.published': {
      const { type: _type, seq: _seq, at: _at, ...request } = fact
      return { ...view, requests: { ...view.requests, [request.requestId]: request } }
    }
    case 'request.withdrawn':
    case 'request.declined':
    case 'request.answered':
      return closeRequest(view, fact.requestId, statusAfter[fact.type])
    case 'request.voted':
    case 'request.unvoted':
      return withRequest(view, fact.requestId, { votes: fact.votes })
    case 'request.merged': {
      const closed = view.people
        ? withRequest(view, fact.requestId, { status: 'answered' })
        : { ...view, requests: without(view.requests, fact.requestId) }
      return withRequest(closed, fact.into, { votes: fact.votes })
    }
    case 'stage.invited': {
      const { type: _type, seq: _seq, at: _at, ...invitation } = fact
      const invitations = { ...view.invitations, [invitation.invitationId]: invitation }
      return withHand({ ...view, invitations }, invitation.requestId, 'approved')
    }
    case 'stage.cancelled':
    case 'stage.declined': {
      const invitation = view.invitations?.[fact.invitationId]
      if (!view.invitations || !invitation) return view
      const status = fact.type === 'stage.declined' ? 'declined' : 'pending'
      return withHand(
        { ...view, invitations: without(view.invitations, fact.invitationId) },
        invitation.requestId,
        status,
      )
    }
    case 'stage.progressed': {
      const invitation = view.invitations?.[fact.invitationId]
      if (!invitation) return view
      const { error: _old, ...rest } = invitation
      const { step, until, error } = fact
      const moved: InvitationView = { ...rest, step, until, ...(error && { error }) }
      return { ...view, invitations: { ...view.invitations, [fact.invitationId]: moved } }
    }
    case 'stage.accepted': {
      const { type: _type, seq: _seq, at: _at, invitationId, ...speaker } = fact
      const speakers = { ...view.speakers, [speaker.personId]: speaker }
      if (!view.invitations || !invitationId) return { ...view, speakers }
      return { ...view, speakers, invitations: without(view.invitations, invitationId) }
    }
    case 'stage.joined':
      return withSpeaker(view, fact.personId, { state: 'live', since: fact.at })
    case 'stage.timed':
      return withSpeaker(view, fact.personId, { secondsAllowed: fact.seconds })
    case 'stage.left':
      return speakerLeft(view, fact.personId)
    case 'stage.pinned':
      return { ...view, pinned: fact.personId }
    case 'screen.shown': {
      const { type: _type, seq: _seq, ...screen } = fact
      return { ...view, screen: screen satisfies ScreenView }
    }
    case 'screen.cleared':
      return { ...view, screen: null }
    case 'chat.sent': {
      const { type: _type, seq: _seq, ...message } = fact
      return { ...view, chat: [...view.chat, message].slice(-CHAT_KEPT) }
    }
    case 'chat.removed':
      return { ...view, chat: view.chat.filter((m) => m.messageId !== fact.messageId) }
    case 'broadcast.run': {
      const fresh = view.broadcast.state === 'off' || view.broadcast.state === 'starting'
      return { ...view, broadcast: { ...view.broadcast, state: fresh ? 'starting' : 'restarting' } }
    }
    case 'broadcast.started':
      return { ...view, broadcast: { ...view.broadcast, state: 'on' } }
    case 'broadcast.pictured': {
      const { main, aside, shownAt } = fact
      return { ...view, broadcast: { state: view.broadcast.state, main, aside, shownAt } }
    }
    case 'broadcast.stopped':
      return { ...view, broadcast: { state: 'off' } }
    default:
      return view
  }
}

function withRecordedSince(view: ClassView, at: number): ClassView {
  const on = view.phase === 'live' && view.settings.recording === 'on'
  if (on) return view.recordedSince === undefined ? { ...view, recordedSince: at } : view
  const { recordedSince: _over, ...rest } = view
  return rest
}

const statusAfter = {
  'request.withdrawn': 'withdrawn',
  'request.declined': 'declined',
  'request.answered': 'answered',
} as const

function closeRequest(view: ClassView, requestId: string, status: RequestView['status']): ClassView {
  const stays = view.people !== undefined || status === 'answered'
  if (stays) return withRequest(view, requestId, { status })
  return { ...view, requests: without(view.requests, requestId) }
}

function withRequest(view: ClassView, requestId: string, change: Partial<RequestView>): ClassView {
  return { ...view, requests: changed(view.requests, requestId, change) }
}

function isOpen(request: RequestView | undefined): request is RequestView {
  return request?.status === 'pending' || request?.status === 'approved'
}

function withHand(view: ClassView, requestId: string | undefined, status: RequestView['status']): ClassView {
  const request = requestId === undefined ? undefined : view.requests[requestId]
  if (!isOpen(request) || request.kind !== 'voice') return view
  return withRequest(view, request.requestId, { status })
}

function withSpeaker(view: ClassView, personId: string, change: Partial<SpeakerView>): ClassView {
  return { ...view, speakers: changed(view.speakers, personId, change) }
}

function speakerLeft(view: ClassView, personId: string): ClassView {
  const speaker = view.speakers[personId]
  if (!speaker) return view
  const pinned = view.pinned === personId ? null : view.pinned
  const down = { ...view, pinned, speakers: without(view.speakers, personId) }
  if (speaker.state === 'connecting') return withHand(down, speaker.requestId, 'pending')
  const spoken = (view.people?.[personId]?.spoken ?? 0) + 1
  const counted = view.people ? withPerson(down, personId, { spoken }) : down
  const request = speaker.requestId === undefined ? undefined : view.requests[speaker.requestId]
  return isOpen(request) ? withRequest(counted, request.requestId, { status: 'answered' }) : counted
}

type Move = { seq: number; personId: string } & (
  | { type: 'person.joined'; tier: Tier }
  | { type: 'person.denied' | 'person.left' | 'person.removed' | 'person.admitted' }
  | { type: 'person.changed'; role: Role }
  | { type: 'seat.taken' | 'seat.released' }
)
function movePerson(view: ClassView, fact: Move): ClassView {
  const person = view.people?.[fact.personId]
  if (!person) return view
  const { since: _since, ...rest } = person
  const next = moved(rest, fact)
  return withPerson(view, fact.personId, next)
}

function moved(person: PersonView, fact: Move): PersonView {
  switch (fact.type) {
    case 'person.joined':
      return { ...person, tier: fact.tier, ...(fact.tier === 'waiting' && { since: fact.seq }) }
    case 'person.denied':
    case 'person.left':
    case 'person.removed':
    case 'person.admitted':
      return { ...person, tier: null }
    case 'person.changed': {
      const wasStaff = person.role !== 'student'
      const tier = fact.role !== 'student' ? 'seat' : wasStaff ? 'overflow' : person.tier
      return { ...person, role: fact.role, tier: person.tier && tier }
    }
    case 'seat.taken':
      return { ...person, tier: 'seat' }
    case 'seat.released':
      return { ...person, tier: 'overflow' }
  }
}

/** Replaces the row: a field that is absent in `row` is gone. */
function withPerson(view: ClassView, personId: string, row: PersonView | Partial<PersonView>): ClassView {
  const before = view.people?.[personId]
  const whole = 'personId' in row ? (row as PersonView) : before && { ...before, ...row }
  return whole ? { ...view, people: { ...view.people, [personId]: whole } } : view
}

function changed<Row>(rows: Rows<Row>, key: string, change: Partial<Row>): Rows<Row> {
  const row = rows[key]
  return row ? { ...rows, [key]: { ...row, ...change } } : rows
}

function without<Row>(rows: Rows<Row>, key: string): Rows<Row> {
  const { [key]: _gone, ...rest } = rows
  return rest
}
