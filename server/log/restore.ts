import type { ClassState } from '../classroom/state'
import type { FactArchive } from './archive'
import type { Head } from './head'
import { READ_FACTS } from './limits'
import type { Rules } from './rules'

export type Restored = { kind: 'restored'; state: ClassState; head: Head } | { kind: 'unknown_fact' }

/**
 * A class as the archive has it: the newest checkpoint of this version, or its first fact, and every fact since, over
 * all epochs. null: the archive has never heard of the class.
 */
export async function restore(archive: FactArchive, rules: Rules, classId: string): Promise<Restored | null> {
  const position = await archive.findPosition(classId)
  if (!position) return null
  const checkpoint = await archive.loadCheckpoint(classId, rules.stateVersion)
  let state = checkpoint?.state ?? rules.emptyState(classId)
  let head: Head = checkpoint?.head ?? { epoch: 1, seq: 0, nonce: '' }
  const epochs = (await archive.loadEpochs(classId)).filter((e) => e.head.epoch > head.epoch)
  for (const next of [...epochs, null]) {
    // The facts of an epoch count up to where the next one left it.
    const until = next ? (next.continues.epoch === head.epoch ? next.continues.seq : 0) : position.seq
    const replayed = await replay(archive, rules, classId, { state, epoch: head.epoch, until })
    if (replayed === 'unknown_fact') return { kind: 'unknown_fact' }
    state = replayed
    if (next) state = { ...state, seq: next.head.seq }
    // A checkpoint may be newer than the newest archived fact.
    head = next?.head ?? (state.seq === position.seq ? position : head)
  }
  return { kind: 'restored', state, head }
}

async function replay(
  archive: FactArchive,
  rules: Rules,
  classId: string,
  { state, epoch, until }: { state: ClassState; epoch: number; until: number },
): Promise<ClassState | 'unknown_fact'> {
  let now = state
  while (now.seq < until) {
    const stored = await archive.loadFacts(classId, epoch, now.seq, READ_FACTS)
    for (const raw of stored) {
      if (raw.seq > until) return now
      const fact = rules.upcast(raw)
      if (fact === 'unknown') return 'unknown_fact'
      now = rules.evolve(now, fact)
    }
    if (stored.length < READ_FACTS) return now
  }
  return now
}
