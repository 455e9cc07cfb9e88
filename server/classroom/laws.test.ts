import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Rehearsal } from '../../tests/support/rehearsal'
import type { Audience } from './audience'
import type { Actor, Command } from './commands'
import { ERASED_NAME, eraseFact, eraseState } from './erase'
import { evolve } from './evolve'
import { evolveView } from './evolve-view'
import { tierOf } from './people'
import { findHand, isClosed, votersOf } from './requests'
import { defaultSettings } from './settings'
import { type ClassState, emptyClass } from './state'
import { filterRows, findRow, rowsOf } from './table'
import { toClassView } from './to-class-view'
import { toView } from './to-view'
import { concerned, toYou } from './to-you'
import type { You } from './you'

const people = ['t', 'a', 's1', 's2', 's3', 's4', 's5']
const audiences: Audience[] = ['staff', 'student:en', 'student:de', 'waiting']

/** A number picks among what exists now, so that most commands meet something real. */
type Move = { by: number; what: number; pick: number; other: number; wait: number }

function pickFrom<T>(items: T[], n: number): T | undefined {
  return items[n % Math.max(1, items.length)]
}

function toCommand(state: ClassState, move: Move): Command {
  const onStage = Object.keys(state.stage)
  const personId = pickFrom(move.other % 3 === 0 && onStage.length > 0 ? onStage : people, move.pick) ?? 't'
  const requestId = pickFrom([...rowsOf(state.requests)], move.pick)?.requestId ?? 'req_0'
  const into = pickFrom([...rowsOf(state.requests)], move.other)?.requestId ?? 'req_0'
  const invitationId = pickFrom(Object.values(state.invitations), move.pick)?.invitationId ?? 'inv_0'
  const offerId = pickFrom(Object.values(state.offers), move.pick)?.offerId ?? 'off_0'
  const messageId = pickFrom([...state.chat], move.pick)?.messageId ?? 'msg_0'
  const runId = state.broadcast.runs.at(-1)?.runId ?? 'run_0'
  const flag = move.other % 2 === 0
  const commands: Command[] = [
    { name: 'person:join' },
    { name: 'person:leave' },
    { name: 'person:gone', personId },
    { name: 'person:admit', all: true },
    { name: 'person:admit', personId },
    { name: 'person:deny', personId },
    ...(move.wait < 10 ? [{ name: 'person:remove', personId, reason: 'noise' } as const] : []),
    {
      name: 'person:role',
      personId,
      role: pickFrom(['teacher', 'assistant', 'student'] as const, move.other) ?? 'student',
    },
    { name: 'hand:raise' },
    { name: 'hand:raise', ...(flag && { text: 'please' }), sawAt: move.other },
    { name: 'question:ask', text: 'why?', anonymous: flag, language: 'de' },
    { name: 'request:withdraw', requestId },
    { name: 'request:vote', requestId },
    { name: 'request:unvote', requestId },
    { name: 'request:publish', requestId },
    { name: 'request:decline', requestId },
    { name: 'request:answer', requestId },
    { name: 'request:merge', requestId, into },
    { name: 'hand:lower-all' },
    { name: 'stage:invite', personId, grade: flag ? 'video' : 'audio', ...(flag && { requestId }) },
    { name: 'stage:invite', personId, grade: 'audio' },
    { name: 'stage:cancel', invitationId },
    {
      name: 'stage:progress',
      invitationId,
      step: flag ? 'checking' : 'blocked',
      ...(!flag && { error: 'no mic' }),
    },
    { name: 'stage:accept', invitationId },
    { name: 'stage:accept', invitationId },
    { name: 'stage:invite', personId, grade: 'audio' },
    { name: 'stage:seen', personId, present: true },
    { name: 'stage:decline', invitationId },
    { name: 'stage:leave' },
    { name: 'stage:remove', personId },
    { name: 'stage:mute', personId },
    { name: 'stage:pin', personId: flag ? personId : null },
    { name: 'stage:time', personId, seconds: 60 },
    { name: 'stage:seen', personId, present: move.other % 5 !== 0 },
    { name: 'screen:show', requestId },
    { name: 'screen:show', text: 'Hello', language: 'en', translations: { de: 'Hallo' } },
    { name: 'screen:clear' },
    { name: 'seat:accept', offerId },
    { name: 'seat:decline', offerId },
    { name: 'seat:want', want: flag },
    { name: 'seat:release' },
    { name: 'seat:give', personId },
    { name: 'seat:take', personId },
    { name: 'chat:send', text: 'hi' },
    { name: 'chat:remove', messageId },
    { name: 'chat:mute', personId, minutes: 1 },
    { name: 'caption:say', text: 'so', language: 'en', final: true },
    { name: 'class:quiet', on: flag },
    {
      name: 'class:settings',
      seats: move.pick % 4,
      chat: flag ? 'slow' : 'open',
      lobby: move.other % 7 === 0,
      approveQuestions: move.other % 5 !== 0,
    },
    {
      name: 'broadcast:run',
      runId: `run_${move.other}`,
      ...(flag && { previousEnd: { segments: 3, lastParts: 2 } }),
    },
    { name: 'broadcast:seen', runId },
    { name: 'broadcast:picture', runId, main: { personId, source: 'camera' }, aside: null, at: move.other },
    { name: 'recording:delete' },
    { name: 'broadcast:standby', runId: `run_s${move.other}` },
    {
      name: 'broadcast:run',
      runId: state.broadcast.standby?.runId ?? 'run_x',
      previousEnd: { segments: 3, lastParts: 1 },
      skip: 4,
    },
    { name: 'class:settings', recording: flag ? 'on' : 'off' },
    { name: 'broadcast:stop', end: { segments: 2, lastParts: 1 } },
    { name: 'deadlines:pass' },
    ...(move.wait === 99 && move.pick > 45 ? [{ name: 'class:end' } as const] : []),
  ]
  return pickFrom(commands, move.what) ?? { name: 'deadlines:pass' }
}

/** Who would do this: most moves are made by somebody who may, so that histories get deep. */
function toActor(state: ClassState, command: Command, move: Move): Actor {
  const by = people[move.by % people.length] ?? 't'
  if (move.wait % 8 === 0) return { kind: 'person', personId: by }
  if ('invitationId' in command && command.name !== 'stage:cancel') {
    const owner = Object.values(state.invitations).find((i) => i.invitationId === command.invitationId)
    return { kind: 'person', personId: owner?.personId ?? by }
  }
  if ('offerId' in command) {
    const owner = Object.entries(state.offers).find(([, o]) => o.offerId === command.offerId)
    return { kind: 'person', personId: owner?.[0] ?? by }
  }
  if (command.name === 'request:withdraw') {
    const personId = findRow(state.requests, command.requestId)?.personId
    return { kind: 'person', personId: personId ?? by }
  }
  const system = /^(broadcast:|stage:seen|person:gone|deadlines)/.test(command.name)
  if (system) return { kind: 'system' }
  const own =
    /^(hand:raise|question|request:(un)?vote|stage:leave|seat:(want|release)|chat:send|person:(join|leave))/
  return { kind: 'person', personId: own.test(command.name) ? by : 't' }
}

const move = fc.record({
  by: fc.nat(7),
  what: fc.nat(1000),
  pick: fc.nat(50),
  other: fc.nat(50),
  wait: fc.nat(100),
})

/** Long ones: what goes wrong between two features needs both to have happened. */
const histories = fc.array(move, { minLength: 100, maxLength: 250, size: 'max' })

function play(moves: Move[]): Rehearsal {
  const class_ = new Rehearsal({ seats: 2, stageLimit: 2, languages: ['en', 'de'] })
  class_.enter('t', 'teacher')
  class_.enter('a', 'assistant')
  class_.enter('s1')
  class_.as('t', { name: 'class:start' })
  for (const id of ['s2', 's3', 's4', 's5']) class_.enter(id, 'student', id === 's4' ? 'de' : 'en')
  for (const m of moves) {
    class_.now += m.wait * 300
    const command = toCommand(class_.state, m)
    class_.submit(toActor(class_.state, command, m), command)
  }
  return class_
}

function holdsInvariants(state: ClassState): void {
  const at = (place: string) => filterRows(state.people, (p) => p.place.at === place).length
  expect(state.seats.held, 'held seats are people at a seat').toBe(at('seat'))
  expect(state.tiers).toEqual({ overflow: at('overflow'), waiting: at('waiting') })
  expect(state.desks.held).toBe(at('desk'))
  expect(filterRows(state.requests, (r) => r.status === 'pending').length).toBe(state.pendingRequests)
  const hands = filterRows(state.requests, (r) => r.kind === 'voice' && !isClosed(r))
  expect(hands.map((r) => r.personId).sort(), 'an open hand a person').toEqual(
    people.filter((id) => findHand(state, id)).sort(),
  )
  for (const { requestId, voteCount } of rowsOf(state.requests)) {
    expect(votersOf(state, requestId).length, 'votes are counted').toBe(voteCount)
  }
  const onWay = Object.keys(state.stage).length + Object.keys(state.invitations).length
  expect(onWay).toBeLessThanOrEqual(state.settings.stageLimit)
  for (const personId of [...Object.keys(state.stage), ...Object.keys(state.invitations)]) {
    const tier = toYou(state, personId)?.tier
    expect(['seat', 'overflow'], `${personId} is on stage or invited, so in the class`).toContain(tier)
  }
  for (const personId of Object.keys(state.offers)) expect(toYou(state, personId)?.tier).toBe('overflow')
  let base = -1
  for (const run of state.broadcast.runs) {
    expect(run.base, 'media sequence never goes back').toBeGreaterThanOrEqual(base)
    base = run.base
  }
}

/** Numbers move on with every fact; places in the waiting line are told at a pace of their own. */
function withoutPosition(you: You | null) {
  return you && { ...you, seq: 0, waiting: you.waiting !== undefined }
}

/** A law takes seconds on a free machine: it may be a busy one. */
const LAW_TIMEOUT_MS = 120_000

describe('laws that hold after any history', { timeout: LAW_TIMEOUT_MS }, () => {
  test('[LOG7] an erased state is the state of erased facts, and has nothing of the person but their id', () => {
    fc.assert(
      fc.property(fc.array(move, { maxLength: 80 }), fc.constantFrom(...people), (moves, personId) => {
        const c = play(moves)
        const name = findRow(c.state.people, personId)?.name ?? ERASED_NAME
        c.system({ name: 'person:erase', personId })
        const erased = eraseState(c.state, personId)
        const facts = c.steps.flatMap((step) => step.facts).map((fact) => eraseFact(fact, personId))
        expect(facts.reduce(evolve, emptyClass('cls_1', defaultSettings))).toEqual(erased)
        expect(eraseState(erased, personId)).toBe(erased)
        expect(eraseState(c.state, 'somebody-else')).toBe(c.state)
        if (name !== ERASED_NAME) expect(JSON.stringify([facts, erased])).not.toContain(name)
        holdsInvariants(c.state)
      }),
    )
  })

  test('[SEAT1] [VIEW1] [YOU1] seats, counters, lines, views and you agree with the log', () => {
    fc.assert(
      fc.property(histories, (moves) => {
        const { steps, state } = play(moves)
        // Nobody can follow a class before it exists: the law begins after `class.created`.
        for (const { before, after, facts } of steps.slice(1)) {
          holdsInvariants(after)
          for (const fact of facts) {
            for (const audience of audiences) {
              const seen = toView(fact, before, after, audience)
              const kept = seen
                ? evolveView(toClassView(before, audience), seen)
                : toClassView(before, audience)
              expect(kept, `${audience} after ${fact.type}`).toEqual(toClassView(after, audience))
            }
            const who = concerned(fact, before, after)
            if (who === 'everyone') continue
            for (const personId of people) {
              if (who.includes(personId)) continue
              const was = withoutPosition(toYou(before, personId))
              const is = withoutPosition(toYou(after, personId))
              expect(is, `${personId} is not concerned by ${fact.type}`).toEqual(was)
            }
          }
        }
        expect(JSON.parse(JSON.stringify(state))).toEqual(state)
      }),
      { numRuns: 150 },
    )
  })

  test('[SEAT2] seats are never sold twice: held and offered stay within the limit they were given under', () => {
    fc.assert(
      fc.property(histories, (moves) => {
        for (const { before, after, facts } of play(moves).steps) {
          const taken = after.seats.held + Object.keys(after.offers).length
          const was = before.seats.held + Object.keys(before.offers).length
          const grew = taken > was
          if (grew) expect(taken, facts[0]?.type).toBeLessThanOrEqual(after.settings.seats)
        }
      }),
      { numRuns: 100 },
    )
  })

  test('[VIEW2] a student never sees what is for staff: other tiers, unpublished questions, anonymous names', () => {
    fc.assert(
      fc.property(histories, (moves) => {
        const { state, steps } = play(moves)
        const view = toClassView(state, 'student:en')
        expect(view).not.toHaveProperty('people')
        expect(view).not.toHaveProperty('invitations')
        for (const request of Object.values(view.requests)) {
          expect(request.published).toBe(true)
          if (request.anonymous) expect(request).not.toHaveProperty('personId')
        }
        for (const { before, after, facts } of steps) {
          for (const fact of facts) {
            const seen = toView(fact, before, after, 'student:en')
            expect(seen?.type.startsWith('person.') || seen?.type.startsWith('seat.')).not.toBe(true)
          }
        }
      }),
      { numRuns: 100 },
    )
  })

  test('tiers are exhaustive', () => {
    expect(tierOf({ at: 'desk', since: 1 })).toBe('seat')
    expect(tierOf({ at: 'outside' })).toBeNull()
  })
})
