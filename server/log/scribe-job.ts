import { isWoundUp } from '../classroom/lifecycle'
import type { ClassState } from '../classroom/state'
import { openClassesKey } from '../redis/names'
import type { Checkpoint } from './archive'
import { expireClass, readCheckpoint, writeCheckpoint } from './begin'
import type { Follower } from './follow'
import { type Head, sameHead } from './head'
import type { Remembered } from './history'
import { CHECKPOINT_FACTS, SCRIBE_FACTS } from './limits'
import { type Entry, parseEntries, readAfter } from './read'
import type { Begun } from './recover'
import type { ScribeDeps } from './scribe'
import { toStateText } from './state-text'

/** The archive of one class. It pulls: from memory, or from Redis where memory does not reach back to the archive. */
export interface ScribeJob {
  readonly classId: string
  readonly hasWork: boolean
  /** Nobody leads the class here any more, and what this process had of it is written. */
  readonly finished: boolean
  readonly lagFacts: number
  /** Server time, ms, of the oldest fact that is not archived. */
  readonly behindSince: number | null
  follow(follower: Follower, onWork: () => void): () => void
  begun(begun: Extract<Begun, { kind: 'begun' }>): void
  /** One transaction. Throws while the archive or Redis is away. */
  step(): Promise<void>
}

/** A state that the class has been in. */
type Stand = { head: Head; state: ClassState }
type Write = { entries: readonly Entry[]; tables: ClassState }

export function createScribeJob(deps: ScribeDeps, classId: string): ScribeJob {
  const { archive, redis, rules, logger, timing } = deps
  let follower: Follower | null = null
  /** undefined: not asked yet. */
  let position: Head | null | undefined
  let tables: ClassState | null = null
  let behindSince: number | null = null
  let checkpointSeq: number | null = null
  /** The next checkpoint: the class itself may be further than the archive, and is never quiet in some lessons. */
  let due: Stand | null = null
  /** Where the class was over and nothing was left to do. */
  let settled: Head | null = null
  /** Where the class stood when this process stopped leading it: the next leader writes what comes after. */
  let until: Head | null = null
  /** Lag is counted from here until it is known where the archive stands. */
  let floorSeq = 0
  const begins: Extract<Begun, { kind: 'begun' }>[] = []

  const target = () => until ?? follower?.head ?? null
  const isBehind = () => {
    const head = target()
    if (!head || head.seq === 0) return false
    return (
      !position || position.epoch < head.epoch || (position.epoch === head.epoch && position.seq < head.seq)
    )
  }

  /** Also by who leads it no more, if that was the end: nobody has to take the lead for it. */
  function mustSettle(): boolean {
    if (!follower || !isWoundUp(follower.state)) return false
    const { head } = follower
    return (until === null || sameHead(until, head)) && !(settled && sameHead(settled, head))
  }

  async function step() {
    position ??= await archive.findPosition(classId)
    const begin = begins[0]
    if (begin) {
      if (await writeBegin(begin)) begins.shift()
      return
    }
    if (!follower) return
    if (!isBehind()) return settle(follower)
    const from = position ?? { epoch: 1, seq: 0, nonce: '' }
    if (from.epoch < follower.head.epoch) return adopt(await readCheckpoint(redis, classId), follower)
    const { head, state } = follower
    const next = due && !isPassed(due.head, from) ? due : { head, state }
    const entries = await readEntries(follower, from)
    const until = entries?.filter((entry) => entry.fact.seq <= next.head.seq)
    if (until) await write(from, { entries: until, tables: follower.state })
    behindSince = isBehind() ? (behindSince ?? deps.now()) : null
    await checkpoint(next)
  }

  /**
   * A class that is wound up, with all of it archived, is no more work for anybody. Until its broadcast is, somebody
   * has to lead it, however long: whoever gave up before would leave the egress writing, and the recording unmade.
   */
  async function settle({ head, state }: Follower) {
    if (!mustSettle()) return
    await checkpoint({ head, state })
    if (await archive.settle(classId, head)) {
      await expireClass(redis, classId, head, timing.endedKeptMs)
      await redis.srem(openClassesKey, classId)
      settled = head
    } else {
      position = undefined // another process has written
      if (until) settled = head // and goes on
    }
  }

  async function readEntries(from: Follower, position: Head): Promise<readonly Entry[] | null> {
    const known = from.history.nonceAt(position.seq) === position.nonce
    const remembered = known ? from.history.entriesAfter(position.seq, SCRIBE_FACTS) : null
    if (remembered) return remembered
    const read = await readAfter(redis, classId, position)
    if (read.kind === 'entries') {
      const entries = parseEntries(rules, read.entries.slice(0, SCRIBE_FACTS))
      return entries === 'unknown' ? null : entries
    }
    if (read.kind === 'trimmed') await adopt(await readCheckpoint(redis, classId), from) // a new, empty archive
    if (read.kind === 'foreign' && read.head.epoch === position.epoch) {
      // The archive holds facts that Redis lost and others replaced: only a new epoch tells the two apart.
      logger.error({ classId, archived: position, head: read.head }, 'Redis and the archive disagree')
      await from.fork(position)
    }
    return null
  }

  async function write(from: Head, { entries, tables: to }: Write) {
    const last = entries.at(-1)
    if (!last) return
    const head = { epoch: from.epoch, seq: last.fact.seq, nonce: last.nonce }
    const facts = entries.map((e) => e.fact)
    const written = await archive.appendFacts({
      classId,
      after: from,
      head,
      facts,
      tables: { from: tables, to },
    })
    // Otherwise another process has written, the one that led before or leads now: ask where it stands.
    position = written ? head : undefined
    tables = written ? to : null
  }

  /** True: done with. First the tail, if the archive stands in the history that the new epoch goes on from. */
  async function writeBegin({ checkpoint, left }: (typeof begins)[number]): Promise<boolean> {
    if (position && position.epoch >= checkpoint.head.epoch) return true
    const from = position ?? { epoch: 1, seq: 0, nonce: '' }
    const rest = entriesAfter(left, from).slice(0, SCRIBE_FACTS)
    if (checkpoint.continues?.epoch === from.epoch && rest.length > 0) {
      await write(from, { entries: rest, tables: checkpoint.state })
      return false
    }
    await adopt(checkpoint)
    return true
  }

  /** The archive goes on from here, without the facts before that it may lack. */
  async function adopt(begin: Checkpoint | null, of: Follower | null = null) {
    const checkpoint = begin ?? (of && { version: rules.stateVersion, head: of.head, state: of.state })
    if (!checkpoint) return
    await archive.saveCheckpoint(classId, { continues: { epoch: 0, seq: 0 }, ...checkpoint })
    position = checkpoint.head
    tables = checkpoint.state
    checkpointSeq = checkpoint.head.seq
    due = null
  }

  /** Only what is archived is checkpointed, and only what is behind the checkpoint before is trimmed. */
  async function checkpoint({ head, state }: Stand) {
    if (position?.epoch !== head.epoch || position.seq !== head.seq) return
    checkpointSeq ??= (await readCheckpoint(redis, classId))?.head.seq ?? 0
    const ended = isWoundUp(state) && checkpointSeq < head.seq
    if (head.seq - checkpointSeq < CHECKPOINT_FACTS && !ended) return
    const next: Checkpoint = { version: rules.stateVersion, head, state }
    const stateText = await toStateText(state)
    await archive.saveCheckpoint(classId, next, stateText)
    await writeCheckpoint(redis, classId, next, stateText, checkpointSeq)
    checkpointSeq = head.seq
    if (due && isPassed(due.head, head)) due = null
  }

  return {
    classId,
    get hasWork() {
      return begins.length > 0 || isBehind() || mustSettle()
    },
    get finished() {
      return begins.length === 0 && (follower === null || (until !== null && !isBehind() && !mustSettle()))
    },
    get lagFacts() {
      const head = target()
      if (!head) return 0
      return Math.max(0, head.seq - (position?.epoch === head.epoch ? position.seq : floorSeq))
    },
    get behindSince() {
      return behindSince
    },
    follow(next, onWork) {
      follower = next
      until = null
      position = undefined
      tables = null
      floorSeq = next.head.seq
      due = null
      settled = null
      const stop = next.companion.listen((event) => {
        if (event.kind === 'epoch') floorSeq = event.head.seq
        if (event.kind === 'batch') {
          const { head, facts, after } = event.batch
          behindSince ??= facts[0]?.at ?? null
          const since = head.seq - (checkpointSeq ?? head.seq)
          if (!due && since >= CHECKPOINT_FACTS) due = { head, state: after }
          onWork()
        }
      })
      return () => {
        stop()
        if (follower === next) until = next.head
        onWork()
      }
    },
    begun(begun) {
      begins.push(begun)
    },
    step,
  }
}

/** It need not be waited for any more: reached, or of an epoch that is over. */
function isPassed(head: Head, by: Head): boolean {
  return head.epoch !== by.epoch || head.seq <= by.seq
}

/** Of a remembered history, what comes after a position in the same history. */
function entriesAfter({ after, entries }: Remembered, position: Head): readonly Entry[] {
  const found = entries.findIndex((e) => e.fact.seq === position.seq && e.nonce === position.nonce)
  if (found >= 0) return entries.slice(found + 1)
  return after.seq === position.seq && after.nonce === position.nonce ? entries : []
}
