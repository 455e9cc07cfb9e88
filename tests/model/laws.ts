import type { Command } from '../../server/classroom/commands'
import { decide, toFact } from '../../server/classroom/decide'
import { evolve } from '../../server/classroom/evolve'
import type { Fact } from '../../server/classroom/facts'
import type { ClassState } from '../../server/classroom/state'
import { toClassView } from '../../server/classroom/to-class-view'
import { toYou } from '../../server/classroom/to-you'
import type { Follower, Verdict } from './follower'
import { isInside } from './moves'
import { type Story, same, type Told, toWords } from './story'

/** A command as its sender knows it; several verdicts: it was sent several times under its id. */
export type Sent = { personId: string; id: string; command: Command; verdicts: Verdict[] }

/** Laws of the log, after a step in which `sent` was sent. `mayLose`: the stores lost power together. */
export function judgeLog(was: Story, is: Story, sent: readonly Sent[], mayLose: boolean): string[] {
  const problems: string[] = []
  if (is.head.seq < was.head.seq) problems.push(`seq went down from ${was.head.seq} to ${is.head.seq}`)
  if (is.head.epoch < was.head.epoch) problems.push('the epoch went down')
  // What was judged once stays as it was: not even a power loss takes what PostgreSQL has.
  const kept = is.told.slice(0, was.told.length)
  if (!same(kept.map(toKey), was.told.map(toKey))) problems.push('what was history is another now')
  const since = is.told.slice(was.told.length)
  const states = [was.state, ...since.map(({ after }) => after)]
  const lost = new Set(is.lost.map(({ epoch, fact }) => `${epoch}-${fact.seq}`))
  for (const { fact, before, after } of since) {
    const [then, now] = [seatsOf(before), seatsOf(after)]
    if (now > then && now > after.settings.seats)
      problems.push(`${fact.type} ${fact.seq} oversells the seats`)
  }
  for (const one of sent) {
    const words = `${one.command.name} of ${one.personId}`
    const group = since.filter(({ fact }) => fact.cause?.id === one.id)
    for (const verdict of one.verdicts) {
      if (verdict.kind === 'outside') continue
      if (verdict.kind === 'refused') {
        if (!mayLose && !isRefusedSomewhere(one, states, was.readAt, verdict.code)) {
          problems.push(`${words} was refused with ${verdict.code}, which the model does nowhere since`)
        }
      } else if (group.length > 0) {
        const last = group.at(-1)?.fact.seq
        // Lost with its first answer, or nothing to do then and so not remembered: decided anew when it came again.
        const then = states.filter(({ seq }) => seq <= verdict.seq)
        const isEarlier = verdict.seq < (group[0]?.fact.seq ?? 0)
        const anew = isEarlier && (mayLose || isNothingSomewhere(one, then, was.readAt))
        if (last !== verdict.seq && !anew)
          problems.push(`${words} was answered ${verdict.seq}, its facts end at ${last}`)
      } else if (!mayLose && !isNothingSomewhere(one, states, was.readAt)) {
        problems.push(`${words} was acknowledged with ${verdict.seq}, and is not in the log`)
      } else if (mayLose && verdict.seq <= was.head.seq && !isNothingSomewhere(one, states, was.readAt)) {
        problems.push(`${words} was lost with its number ${verdict.seq}`)
      } else if (
        mayLose &&
        is.head.epoch === was.head.epoch &&
        !isNothingSomewhere(one, states, was.readAt)
      ) {
        problems.push(`${words} (${verdict.seq}) was lost without a new epoch`)
      }
    }
    problems.push(...judgeGroup(one, group, words))
  }
  if (!mayLose && lost.size > 0) problems.push(`lost: ${[...lost].join(' ')}`)
  return problems
}

/** The facts of one command stand together, once, and are what the model decides. */
function judgeGroup({ personId, command, id }: Sent, group: Told[], words: string): string[] {
  const [first] = group
  if (!first) return []
  const numbers = group.map(({ fact }) => fact.seq)
  if (numbers.some((seq, i) => seq !== (numbers[0] ?? 0) + i))
    return [`${words} was carried out twice: ${numbers}`]
  const facts = group.map(({ fact }) => fact)
  const at = facts[0]?.at ?? 0
  let ids = 0
  const newId = (prefix: string) => `${prefix}_new${++ids}`
  const decision = decide(first.before, { id, by: { kind: 'person', personId }, command }, { now: at, newId })
  if (!decision.ok) return [`${words} made facts, and the model refuses it: ${decision.refusal.code}`]
  let state = first.before
  const wanted = decision.facts.map((body) => {
    const fact = toFact(state, body, at, { personId, id })
    state = evolve(state, fact)
    return fact
  })
  const known = JSON.stringify(first.before)
  const [is, should] = [withoutNames(facts, known), withoutNames(wanted, known)]
  // Of two processes' clocks the later counts: then deadlines are a little nearer than `at` says.
  const exact = at > first.before.at
  if (same(exact ? is : toTypes(is), exact ? should : toTypes(should))) return []
  return [`${words}: the model makes ${JSON.stringify(should)} of it, the log has ${JSON.stringify(is)}`]
}

/** Every new id by the order in which it first appears. */
function withoutNames(facts: readonly Fact[], known: string): Fact[] {
  const names = new Map<string, string>()
  const text = JSON.stringify(facts).replace(/"((?:req|inv|off|scr|msg)_\w+)"/g, (quoted, name: string) => {
    if (known.includes(quoted)) return quoted
    const number = names.get(name) ?? `new ${names.size + 1}`
    names.set(name, number)
    return `"${number}"`
  })
  return JSON.parse(text)
}

const toTypes = (facts: readonly Fact[]) => facts.map(({ type, seq }) => [type, seq])
const toKey = ({ epoch, fact }: Told) => [epoch, fact.seq, fact.type, fact.cause?.id]
const seatsOf = (state: ClassState) => state.seats.held + Object.keys(state.offers).length

function isRefusedSomewhere(one: Sent, states: readonly ClassState[], from: number, code: string): boolean {
  return decisions(one, states, from).some((decision) => !decision.ok && decision.refusal.code === code)
}

/** Accepted with nothing to do, or a resend of what is older than the step. */
function isNothingSomewhere(one: Sent, states: readonly ClassState[], from: number): boolean {
  return decisions(one, states, from).some((decision) => decision.ok && decision.facts.length === 0)
}

function decisions({ personId, command, id }: Sent, states: readonly ClassState[], from: number) {
  const envelope = { id, by: { kind: 'person', personId }, command } as const
  const newId = (prefix: string) => `${prefix}_x`
  return states.flatMap((state) => [from, Date.now()].map((now) => decide(state, envelope, { now, newId })))
}

/** Why a follower does not show the class as it is; null: it does. */
export function findGap(follower: Follower, personId: string, { state, head }: Story): string | null {
  const inside = isInside(state, personId)
  if (follower.over) return null
  if (!inside) return `${follower.name} is still there`
  const { view, position, you } = follower
  if (!follower.connected || !position || !view || !you) return `${follower.name} is not connected`
  if (position.epoch !== head.epoch) return `${follower.name} is in epoch ${position.epoch}`
  if (position.seq > head.seq) return `${follower.name} is at ${toWords(position)}, beyond the log`
  const own = toYou(state, personId)
  if (!own) return null
  const should = toClassView(state, own.audience)
  if (!same(view, should)) {
    return `${follower.name} at ${toWords(position)} sees ${diff(view, should)}`
  }
  if (!same(toOwn(you), toOwn(own)))
    return `${follower.name} has another you: ${diff(toOwn(you), toOwn(own))}`
  return null
}

/** Numbers go on, tokens are made anew, and places in a line are told at a pace of their own. */
function toOwn(you: object): object {
  const { seq, connect, watch, livekit, broadcast, waiting, ...rest } = you as Record<string, unknown>
  return { ...rest, waiting: waiting !== undefined }
}

function diff(is: object, should: object): string {
  const keys = new Set([...Object.keys(is), ...Object.keys(should)])
  const of = (one: object, key: string) => (one as Record<string, unknown>)[key]
  return [...keys]
    .filter((key) => !same(of(is, key), of(should, key)))
    .map((key) => `${key}: ${JSON.stringify(of(is, key))} instead of ${JSON.stringify(of(should, key))}`)
    .join('; ')
    .slice(0, 1500)
}
