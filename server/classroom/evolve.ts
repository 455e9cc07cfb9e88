import { evolveAdmission } from './admission'
import { withAnswer } from './answers'
import { evolveBroadcast } from './broadcast'
import { withChapter } from './chapters'
import { evolveChat } from './chat'
import type { Fact } from './facts'
import { evolveLifecycle } from './lifecycle'
import { evolveRecording, withRecordingAt } from './recording'
import { evolveRequests } from './request-facts'
import { evolveScreen } from './screen'
import { evolveSeats } from './seats'
import { evolveStage } from './stage-facts'
import type { ClassState } from './state'

/** The state after a fact. Pure: the same facts give the same state, in every process and in the browser. */
export function evolve(state: ClassState, fact: Fact): ClassState {
  const next = { ...withChapter(step(state, fact), fact), seq: fact.seq, at: fact.at }
  return fact.cause ? withAnswer(next, fact.cause, fact.seq, fact.at) : next
}

function step(state: ClassState, fact: Fact): ClassState {
  switch (fact.type) {
    case 'class.created':
    case 'class.started':
    case 'class.ended':
    case 'class.quieted':
    case 'class.changed':
      return withRecordingAt(evolveLifecycle(state, fact), fact.at)
    case 'person.registered':
    case 'person.joined':
    case 'person.admitted':
    case 'person.denied':
    case 'person.left':
    case 'person.removed':
    case 'person.changed':
      return evolveAdmission(state, fact)
    case 'seat.taken':
    case 'seat.released':
    case 'seat.offered':
    case 'seat.declined':
    case 'seat.wanted':
      return evolveSeats(state, fact)
    case 'request.made':
    case 'request.withdrawn':
    case 'request.voted':
    case 'request.unvoted':
    case 'request.published':
    case 'request.declined':
    case 'request.answered':
    case 'request.merged':
      return evolveRequests(state, fact)
    case 'stage.invited':
    case 'stage.cancelled':
    case 'stage.progressed':
    case 'stage.accepted':
    case 'stage.declined':
    case 'stage.joined':
    case 'stage.left':
    case 'stage.muted':
    case 'stage.pinned':
    case 'stage.timed':
      return evolveStage(state, fact)
    case 'screen.shown':
    case 'screen.cleared':
      return evolveScreen(state, fact)
    case 'chat.sent':
    case 'chat.removed':
    case 'chat.muted':
    case 'caption.said':
      return evolveChat(state, fact)
    case 'broadcast.run':
    case 'broadcast.started':
    case 'broadcast.stopped':
    case 'broadcast.pictured':
    case 'broadcast.standby':
      return evolveBroadcast(state, fact)
    case 'recording.deleted':
      return evolveRecording(state, fact)
  }
}
