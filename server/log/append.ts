import type { Redis } from 'ioredis'
import type { Fact } from '../classroom/facts'
import { keysOf } from '../redis/names'
import type { Head } from './head'
import { READ_FACTS } from './limits'
import { type Read, toRead } from './read'
import { runScript } from './scripts'

export type Appended =
  | { kind: 'appended'; head: Head }
  /** Somebody with a newer lease leads the class. */
  | { kind: 'fenced' }
  /** The head is another: this is what was missed. Nothing was appended. */
  | { kind: 'conflict'; read: Read }

/**
 * Makes facts history if the head is still the one they were decided from. Throws when the answer is lost: then the
 * facts may have become history, which is told by `nonce` in the stream.
 */
export async function append(
  redis: Redis,
  classId: string,
  { from, term, nonce, facts }: { from: Head; term: number; nonce: string; facts: readonly Fact[] },
): Promise<Appended> {
  const keys = keysOf(classId)
  const head = [from.epoch, from.seq, from.nonce, term, nonce, keys.hints, READ_FACTS]
  const args = [...head, ...facts.map((fact) => JSON.stringify(fact))]
  const reply = await runScript(redis, 'append', [keys.log, keys.head, keys.checkpoint], args)
  const [kind, epoch, seq] = reply as string[]
  if (kind === 'fenced') return { kind }
  if (kind === 'appended') return { kind, head: { epoch: Number(epoch), seq: Number(seq), nonce } }
  return { kind: 'conflict', read: toRead(reply, from.seq) }
}
