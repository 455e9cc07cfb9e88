import type { Redis } from 'ioredis'
import type { ClassState } from '../classroom/state'
import { keysOf } from '../redis/names'
import type { Checkpoint, FactArchive } from './archive'
import type { Head } from './head'
import { createHistory, type History } from './history'
import { READ_FACTS } from './limits'
import { parseEntries, type RawEntry, readAfter } from './read'
import { restore } from './restore'
import type { Rules } from './rules'
import { runScript } from './scripts'

export type Loaded =
  | { kind: 'loaded'; history: History }
  | { kind: 'none' }
  /** A fact of a newer Amphi is in it. */
  | { kind: 'unknown_fact' }
  /** Redis and the archive together do not have all of it at the moment. */
  | { kind: 'incomplete' }

type Stored = { head: Head; base: Head; checkpoint: Checkpoint | null; entries: RawEntry[] }

/** Checkpoint and the facts since, up to a head that Redis had during the call. */
export async function loadHistory(
  redis: Redis,
  archive: FactArchive,
  rules: Rules,
  classId: string,
): Promise<Loaded> {
  const stored = await readStored(redis, classId)
  if (!stored) return { kind: 'none' }
  const start = toStart(rules, classId, stored)
  if (!start) return loadWithArchive(redis, archive, rules, classId, stored)
  const entries = parseEntries(rules, stored.entries)
  if (entries === 'unknown') return { kind: 'unknown_fact' }
  const history = createHistory(rules, start.state, start.head)
  history.advance(entries, stored.head.epoch)
  return readUpTo(redis, rules, classId, history, stored.head)
}

async function readUpTo(
  redis: Redis,
  rules: Rules,
  classId: string,
  history: History,
  head: Head,
): Promise<Loaded> {
  while (history.head.seq < head.seq) {
    const read = await readAfter(redis, classId, history.head)
    if (read.kind !== 'entries') return { kind: 'incomplete' }
    const entries = parseEntries(rules, read.entries)
    if (entries === 'unknown') return { kind: 'unknown_fact' }
    history.advance(entries, head.epoch)
  }
  return { kind: 'loaded', history }
}

async function readStored(redis: Redis, classId: string): Promise<Stored | null> {
  const keys = keysOf(classId)
  const reply = await runScript(redis, 'load', [keys.log, keys.head, keys.checkpoint], [READ_FACTS])
  const [kind, epoch, seq, nonce, base, baseNonce, checkpoint, entries] = reply as [
    'none' | 'loaded',
    ...[string, string, string, string, string, string, RawEntry[]],
  ]
  if (kind === 'none') return null
  return {
    head: { epoch: Number(epoch), seq: Number(seq), nonce },
    base: { epoch: Number(epoch), seq: Number(base), nonce: baseNonce },
    checkpoint: checkpoint ? (JSON.parse(checkpoint) as Checkpoint) : null,
    entries,
  }
}

/** Where the stored entries follow: a checkpoint of this version, or the beginning of the class. */
function toStart(rules: Rules, classId: string, stored: Stored): { state: ClassState; head: Head } | null {
  const { checkpoint, base } = stored
  if (checkpoint?.version === rules.stateVersion) return checkpoint
  const isWhole = checkpoint === null && base.seq === 0 && begins(stored)
  return isWhole ? { state: rules.emptyState(classId), head: base } : null
}

/** A checkpoint that Redis has lost by itself is no beginning. */
function begins({ head, base, entries: [first] }: Stored): boolean {
  return first ? Number.parseInt(first[0], 10) === base.seq + 1 : head.seq === base.seq
}

/** The checkpoint in Redis is of another version: the archive replays up to where the stream goes on. */
async function loadWithArchive(
  redis: Redis,
  archive: FactArchive,
  rules: Rules,
  classId: string,
  stored: Stored,
): Promise<Loaded> {
  const restored = await restore(archive, rules, classId)
  if (restored?.kind === 'unknown_fact') return restored
  if (restored?.head.epoch !== stored.head.epoch) return { kind: 'incomplete' }
  const history = createHistory(rules, restored.state, restored.head)
  return readUpTo(redis, rules, classId, history, stored.head)
}
