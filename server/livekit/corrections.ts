import { toMediaRights } from '../classroom/media-rights'
import type { ClassState } from '../classroom/state'
import { findRow } from '../classroom/table'
import { isSamePermission, toMetadata, toPermission } from './permission'
import type { Present } from './rooms'

/** A student who left the stage for the overflow hands over warmly: the page ends the connection by itself. */
export const HAND_OVER_MS = 10_000
/** A speaker who joined without switching a microphone on publishes nothing: being there is enough then. */
export const SILENT_JOIN_MS = 5_000
/** A reload with a slow link: a speaker who is away for less stays on the stage. */
export const SPEAKER_AWAY_MS = 15_000

export type Correction =
  | { kind: 'remove'; personId: string }
  | { kind: 'rights'; personId: string }
  | { kind: 'seen'; personId: string; present: boolean }

/** Since when (ms) a person has been in a condition that is borne for a while. */
export type Memory = {
  /** Connected without the right to be; kept after they are removed, so that nobody gets a second grace. */
  unentitled: ReadonlyMap<string, number>
  /** On the way to the stage, in the room and able to publish. */
  ready: ReadonlyMap<string, number>
  /** On the stage, not in the room. */
  away: ReadonlyMap<string, number>
}

export const emptyMemory: Memory = { unentitled: new Map(), ready: new Map(), away: new Map() }

/** What differs between LiveKit's room and the log, and what to do about it. Pure; `now` is server time, ms. */
export function toCorrections(
  state: ClassState,
  present: readonly Present[],
  memory: Memory,
  now: number,
): { corrections: Correction[]; memory: Memory } {
  const rights = present.flatMap((person) => correctPresent(state, person, memory, now))
  const { unentitled, ready, away } = remember(state, present, memory, now)
  const stage = Object.values(state.stage).flatMap(({ personId, ...speaker }): Correction[] => {
    if (speaker.state === 'live') {
      const since = away.get(personId)
      const gone = since !== undefined && now - since >= SPEAKER_AWAY_MS
      return gone ? [{ kind: 'seen', personId, present: false }] : []
    }
    const since = ready.get(personId)
    if (since === undefined) return []
    const publishes = present.some((p) => p.personId === personId && p.tracks.length > 0)
    return publishes || now - since >= SILENT_JOIN_MS ? [{ kind: 'seen', personId, present: true }] : []
  })
  return { corrections: [...rights, ...stage], memory: { unentitled, ready, away } }
}

/** Without the right to connect, but borne for `HAND_OVER_MS` as a listener. */
export function mayHandOver(state: ClassState, personId: string): boolean {
  return findRow(state.people, personId)?.place.at === 'overflow'
}

function correctPresent(state: ClassState, person: Present, memory: Memory, now: number): Correction[] {
  const { personId } = person
  const rights = toMediaRights(state, personId)
  if (!rights.mayConnect) {
    const since = memory.unentitled.get(personId) ?? now
    const over = !mayHandOver(state, personId) || now - since >= HAND_OVER_MS
    if (over) return [{ kind: 'remove', personId }]
  }
  const right =
    isSamePermission(person.permission, toPermission(rights)) && person.metadata === toMetadata(rights)
  return right ? [] : [{ kind: 'rights', personId }]
}

function remember(state: ClassState, present: readonly Present[], memory: Memory, now: number): Memory {
  const here = new Map(present.map((person) => [person.personId, person]))
  const unentitled = new Map<string, number>()
  for (const personId of [...memory.unentitled.keys(), ...here.keys()]) {
    if (toMediaRights(state, personId).mayConnect) continue
    unentitled.set(personId, memory.unentitled.get(personId) ?? now)
  }
  const ready = new Map<string, number>()
  const away = new Map<string, number>()
  for (const { personId, state: step } of Object.values(state.stage)) {
    const person = here.get(personId)
    if (step === 'connecting' && person?.permission.canPublish) {
      ready.set(personId, memory.ready.get(personId) ?? now)
    }
    if (step === 'live' && !person) away.set(personId, memory.away.get(personId) ?? now)
  }
  return { unentitled, ready, away }
}
