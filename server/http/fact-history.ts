import type { Fact } from '../classroom/facts'
import type { FactArchive, FollowedClass } from '../log/class-logs'
import { type Failure, fail } from '../people/failures'

/** A stretch of the history that counts: facts of `epoch` after `from` up to `until`. */
type Stretch = { epoch: number; from: number; until: number }
type Cursor = { epoch: number; seq: number }
export type FactPage = { items: Omit<Fact, 'cause'>[]; next: string }

/** Every fact of a class from the first on: the archive's, then those it does not have yet. */
export type FactHistory = {
  /** `after`: the `next` of the page before; absent: from the beginning. A page may be short without being the last. */
  read(
    followed: FollowedClass,
    after: string | undefined,
    limit: number,
  ): Promise<({ ok: true } & FactPage) | Failure>
}

type Archive = Pick<FactArchive, 'loadFacts' | 'loadEpochs'>

const FIRST_EPOCH = 1

export function createFactHistory(
  archive: Archive,
  upcast: (stored: { type: string; v: number }) => Fact | 'unknown',
): FactHistory {
  return {
    async read(followed, after, limit) {
      const asked = after === undefined ? { epoch: FIRST_EPOCH, seq: 0 } : parseCursor(after)
      if (!asked) return fail('bad_payload', { detail: 'after: not a cursor of this list' })
      const stretches = toStretches(await archive.loadEpochs(followed.classId))
      const { stretch, seq } = findPlace(stretches, asked)
      const facts = await load(followed, stretch, seq, limit)
      if (!facts) return fail('unavailable')
      const last = facts.at(-1)?.seq ?? seq
      return { ok: true, items: facts.map(withoutCause), next: `${stretch.epoch}-${last}` }
    },
  }

  async function load(followed: FollowedClass, stretch: Stretch, seq: number, limit: number) {
    const stored = await archive.loadFacts(followed.classId, stretch.epoch, seq, limit)
    const facts = stored.map(upcast).filter((fact) => fact === 'unknown' || fact.seq <= stretch.until)
    if (!facts.every((fact) => fact !== 'unknown')) return null
    if (facts.length > 0 || followed.head.epoch !== stretch.epoch) return facts
    return (await followed.factsAfter(stretch.epoch, seq))?.slice(0, limit) ?? null
  }
}

/** A store that lost its tail began a new epoch: what the old one had after that point never counted. */
export function toStretches(
  epochs: readonly { head: { epoch: number; seq: number }; continues: { seq: number } }[],
): Stretch[] {
  const begins = [
    { epoch: FIRST_EPOCH, from: 0 },
    ...epochs.map(({ head }) => ({ epoch: head.epoch, from: head.seq })),
  ]
  return begins.map((begin, index) => ({
    ...begin,
    until: epochs[index]?.continues.seq ?? Number.POSITIVE_INFINITY,
  }))
}

/** Where reading goes on after `cursor`: in its own stretch, or where the next one begins. */
export function findPlace(stretches: readonly Stretch[], cursor: Cursor): { stretch: Stretch; seq: number } {
  const found = stretches.find(
    ({ epoch, until }) => epoch > cursor.epoch || (epoch === cursor.epoch && cursor.seq < until),
  )
  const stretch = found ?? { epoch: cursor.epoch, from: cursor.seq, until: Number.POSITIVE_INFINITY }
  return { stretch, seq: stretch.epoch === cursor.epoch ? cursor.seq : stretch.from }
}

function parseCursor(text: string): Cursor | null {
  const match = /^(\d{1,15})-(\d{1,15})$/.exec(text)
  return match ? { epoch: Number(match[1]), seq: Number(match[2]) } : null
}

/** The id of the command behind a fact stays between its sender and us. */
function withoutCause({ cause: _cause, ...fact }: Fact): Omit<Fact, 'cause'> {
  return fact
}
