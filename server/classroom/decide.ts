import { type By, findActor } from './actor'
import { decideAdmission } from './admission'
import { findAnswer } from './answers'
import { decideBroadcast } from './broadcast'
import { decideChat } from './chat'
import type { Command, Envelope } from './commands'
import { decideDeadlines } from './deadlines'
import { type Context, type Decision, refuse } from './decision'
import { decideErase } from './erase'
import { evolve } from './evolve'
import { type Cause, type Fact, type FactBody, versionOf } from './facts'
import { decideLifecycle } from './lifecycle'
import { decideRecording } from './recording'
import { decideRequests } from './requests'
import { decideScreen } from './screen'
import { decideSeats, offerFreeSeats } from './seats'
import { decideStage } from './stage'
import type { ClassState } from './state'

/**
 * What a command does to a class: facts, or a refusal. `seq` is there when an accepted command is sent again: the
 * number its first answer had.
 */
export function decide(
  state: ClassState,
  envelope: Envelope,
  context: Context,
): Decision | { ok: true; facts: []; seq: number } {
  const by = findActor(state, envelope.by)
  if (by.kind === 'nobody') return refuse(by.code)
  const cause = toCause(envelope)
  const answered = cause && findAnswer(state, cause, context.now)
  if (answered) return { ok: true, facts: [], seq: answered }
  if (state.phase === 'ended' && !worksAfterEnd.has(envelope.command.name)) return refuse('class_ended')
  const decision = decideCommand(state, by, envelope.command, context)
  if (!decision.ok || !decision.facts.some((fact) => movesSeats.test(fact.type))) return decision
  const after = decision.facts.reduce((s, body) => evolve(s, toFact(s, body, context.now)), state)
  return { ok: true, facts: [...decision.facts, ...offerFreeSeats(after, context)] }
}

/** What may free a seat, or put somebody in line for one; the facts of chat, questions and screen never do. */
const movesSeats = /^(class|seat|stage)\.|^person\.(?!registered|admitted)/

const worksAfterEnd: ReadonlySet<Command['name']> = new Set([
  'class:end',
  'person:leave',
  'person:gone',
  'person:erase',
  'broadcast:stop',
  'recording:delete',
  'deadlines:pass',
])

/** Commands of people are remembered under (person, id); what the system asks is idempotent by itself. */
export function toCause(envelope: Envelope): Cause | undefined {
  return envelope.by.kind === 'person' ? { personId: envelope.by.personId, id: envelope.id } : undefined
}

/** The fact that follows on `state`: numbered, and never earlier than the one before. */
export function toFact(state: ClassState, body: FactBody, now: number, cause?: Cause): Fact {
  const at = Math.max(now, state.at)
  return { ...body, seq: state.seq + 1, at, v: versionOf(body.type), ...(cause && { cause }) }
}

function decideCommand(state: ClassState, by: By, command: Command, context: Context): Decision {
  switch (command.name) {
    case 'class:create':
    case 'class:start':
    case 'class:end':
    case 'class:quiet':
    case 'class:settings':
      return decideLifecycle(state, by, command)
    case 'person:register':
    case 'person:join':
    case 'person:leave':
    case 'person:gone':
    case 'person:admit':
    case 'person:deny':
    case 'person:remove':
    case 'person:role':
      return decideAdmission(state, by, command)
    case 'person:erase':
      return by.kind === 'system' ? decideErase(state, command.personId) : refuse('not_allowed')
    case 'seat:accept':
    case 'seat:decline':
    case 'seat:want':
    case 'seat:release':
    case 'seat:give':
    case 'seat:take':
      return decideSeats(state, by, command)
    case 'hand:raise':
    case 'question:ask':
    case 'hand:lower-all':
    case 'request:withdraw':
    case 'request:vote':
    case 'request:unvote':
    case 'request:publish':
    case 'request:decline':
    case 'request:answer':
    case 'request:merge':
      return decideRequests(state, by, command, context)
    case 'stage:invite':
    case 'stage:cancel':
    case 'stage:progress':
    case 'stage:accept':
    case 'stage:decline':
    case 'stage:leave':
    case 'stage:remove':
    case 'stage:mute':
    case 'stage:pin':
    case 'stage:time':
    case 'stage:seen':
      return decideStage(state, by, command, context)
    case 'screen:show':
    case 'screen:clear':
      return decideScreen(state, by, command, context)
    case 'chat:send':
    case 'chat:remove':
    case 'chat:mute':
    case 'caption:say':
      return decideChat(state, by, command, context)
    case 'broadcast:run':
    case 'broadcast:seen':
    case 'broadcast:stop':
    case 'broadcast:picture':
    case 'broadcast:standby':
      return decideBroadcast(state, by, command)
    case 'recording:delete':
      return decideRecording(state, by, command)
    case 'deadlines:pass':
      return decideDeadlines(state, by, context)
  }
}
