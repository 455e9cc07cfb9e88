import type { Redis } from 'ioredis'
import type { ClassState } from '../classroom/state'
import type { Checkpoint, FactArchive } from './archive'
import { beginEpoch, expireClass } from './begin'
import { type Head, noHead, sameHead } from './head'
import { createHistory, type History, type Remembered } from './history'
import { REBUILD_GAP } from './limits'
import { loadHistory } from './load'
import { restore } from './restore'
import type { Rules } from './rules'

export type RecoverDeps = { redis: Redis; archive: FactArchive; rules: Rules; newNonce: () => string }

/** `left`: the newest facts of the history that goes on, which the archive may not have yet. */
export type Begun =
  | { kind: 'begun'; checkpoint: Checkpoint; left: Remembered }
  /** Another process was faster, or Redis changed again: look again. */
  | { kind: 'changed' }
  | { kind: 'unknown_fact' }
  /** Neither memory nor archive nor Redis has the class. */
  | { kind: 'gone' }

/**
 * The history in Redis is not the one this process knows, or is behind it (a restart from an old copy, a fail-over
 * to a replica that lagged). The longest history wins, unless Redis has provably gone another way: then what was
 * committed there counts. `seq` goes on from the highest that anybody here has seen.
 */
export async function continueFrom(
  deps: RecoverDeps,
  classId: string,
  memory: History,
  found: Head | null,
): Promise<Begun> {
  const own = memory.head
  if (!found || isBehind(memory, found)) return begin(deps, classId, found, memory, own.seq)
  const loaded = await loadHistory(deps.redis, deps.archive, deps.rules, classId)
  if (loaded.kind === 'unknown_fact') return loaded
  if (loaded.kind !== 'loaded' || loaded.history.head.nonce !== found.nonce) return { kind: 'changed' }
  return begin(deps, classId, found, loaded.history, Math.max(own.seq, found.seq))
}

/** Redis is behind this process, and nothing shows that it has gone another way since. */
export function isBehind(memory: History, found: Head): boolean {
  if (found.epoch !== memory.head.epoch || found.seq >= memory.head.seq) return false
  const nonce = memory.nonceAt(found.seq)
  return nonce === null || nonce === found.nonce
}

/**
 * The class as the archive has it goes on: Redis has lost it, or more of it than the archive. Nobody knows how many
 * facts the archive lacked, so `seq` leaps over all that it may have lacked.
 */
export async function rebuildFromArchive(
  deps: RecoverDeps,
  classId: string,
  found: Head | null,
): Promise<Begun> {
  const restored = await restore(deps.archive, deps.rules, classId)
  if (!restored) return { kind: 'gone' }
  if (restored.kind === 'unknown_fact') return restored
  const { state, head } = restored
  const seq = Math.max(head.seq + REBUILD_GAP, found?.seq ?? 0)
  return begin(deps, classId, found, createHistory(deps.rules, state, head), seq)
}

/** A class that was over, and that Redis was allowed to forget, is there again as it was. False: it is not all there. */
export async function restock(
  { archive, redis, rules, keptMs }: RecoverDeps & { keptMs: number },
  classId: string,
  position: Head,
): Promise<boolean> {
  const restored = await restore(archive, rules, classId)
  if (restored?.kind !== 'restored' || !sameHead(restored.head, position)) return false
  const { head, state } = restored
  if (await beginEpoch(redis, classId, null, { version: rules.stateVersion, head, state })) {
    await expireClass(redis, classId, head, keptMs)
  }
  return true
}

/** The class goes on as it is in Redis and in memory, under numbers that nothing else has. */
export function continueAbove(
  deps: RecoverDeps,
  classId: string,
  memory: History,
  seq: number,
): Promise<Begun> {
  return begin(deps, classId, memory.head, memory, Math.max(memory.head.seq, seq))
}

/** The class goes on as `state`, which differs from what it was: all facts before must be in the archive. */
export function continueAs(
  deps: RecoverDeps,
  classId: string,
  memory: History,
  state: ClassState,
): Promise<Begun> {
  const { head } = memory
  return begin(deps, classId, head, createHistory(deps.rules, state, head), head.seq)
}

async function begin(
  deps: RecoverDeps,
  classId: string,
  found: Head | null,
  { state, head, remembered }: History,
  seq: number,
): Promise<Begun> {
  const epoch = Math.max(head.epoch, (found ?? noHead).epoch) + 1
  const checkpoint: Checkpoint = {
    version: deps.rules.stateVersion,
    head: { epoch, seq, nonce: deps.newNonce() },
    state: { ...state, seq },
    continues: { epoch: head.epoch, seq: head.seq },
  }
  const begun = await beginEpoch(deps.redis, classId, found, checkpoint)
  return begun ? { kind: 'begun', checkpoint, left: remembered() } : { kind: 'changed' }
}
