import type { Redis } from 'ioredis'
import type { Fact } from '../classroom/facts'
import { keysOf } from '../redis/names'
import type { Head } from './head'
import { READ_FACTS, RING_FACTS } from './limits'
import type { Rules } from './rules'
import { runScript } from './scripts'

/** A fact as it stands in the stream, with the nonce of the append that brought it. */
export type Entry = { fact: Fact; nonce: string }
export type RawEntry = [id: string, fields: [f: 'f', fact: string, n: 'n', nonce: string]]

/** What Redis has after a position. */
export type Read =
  /** At most `READ_FACTS` of them: `head` may be further. */
  | { kind: 'entries'; head: Head; entries: RawEntry[] }
  /** Redis knows another history than the one that led to the position, or has lost part of it. */
  | { kind: 'foreign'; head: Head }
  /** The history is the same, but its next facts are not kept any more: load. */
  | { kind: 'trimmed'; head: Head }
  /** Redis knows nothing of the class. */
  | { kind: 'none' }

export async function readAfter(redis: Redis, classId: string, from: Head): Promise<Read> {
  const keys = keysOf(classId)
  const args = [from.epoch, from.seq, from.nonce, READ_FACTS]
  return toRead(await runScript(redis, 'read', [keys.log, keys.head], args), from.seq)
}

/** The entries of one epoch between two facts, the first exclusive; null: not all are kept any more. */
export async function readBetween(
  redis: Redis,
  classId: string,
  { afterSeq, head }: { afterSeq: number; head: Head },
): Promise<RawEntry[] | null> {
  const keys = keysOf(classId)
  const range = redis.xrange(keys.log, `(${afterSeq}-0`, `${head.seq}-0`, 'COUNT', RING_FACTS)
  const [entries, epoch] = await Promise.all([range, redis.hget(keys.head, 'epoch')])
  const complete = entries.length === head.seq - afterSeq && Number(epoch) === head.epoch
  return complete ? (entries as unknown as RawEntry[]) : null
}

export function toRead(reply: unknown, afterSeq: number): Read {
  const [kind, epoch, seq, nonce, raw] = reply as [Read['kind'], string, string, string, RawEntry[]]
  if (kind === 'none') return { kind }
  const head = { epoch: Number(epoch), seq: Number(seq), nonce }
  return kind === 'entries' ? { kind, head, entries: skipUpTo(raw, afterSeq) } : { kind, head }
}

function skipUpTo(entries: RawEntry[], seq: number): RawEntry[] {
  const first = entries[0]
  return first && Number.parseInt(first[0], 10) <= seq ? entries.slice(1) : entries
}

/** `unknown`: one of them was written by a newer Amphi. */
export function parseEntries(rules: Rules, raw: readonly RawEntry[]): Entry[] | 'unknown' {
  const entries: Entry[] = []
  for (const [, fields] of raw) {
    const fact = rules.upcast(JSON.parse(fields[1]))
    if (fact === 'unknown') return 'unknown'
    entries.push({ fact, nonce: fields[3] })
  }
  return entries
}
