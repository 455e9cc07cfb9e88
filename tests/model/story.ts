import type { Redis } from 'ioredis'
import type { Db } from '../../db/pool'
import { evolve } from '../../server/classroom/evolve'
import type { Fact } from '../../server/classroom/facts'
import { defaultSettings } from '../../server/classroom/settings'
import { type ClassState, emptyClass } from '../../server/classroom/state'
import type { Head } from '../../server/log/head'
import { keysOf } from '../../server/redis/names'

export type Told = { epoch: number; fact: Fact; before: ClassState; after: ClassState }

/** The history of a class as its stores have it together, replayed by the pure model alone. */
export type Story = {
  head: Head
  told: Told[]
  state: ClassState
  /** Facts of an epoch that the next one does not go on from. */
  lost: { epoch: number; fact: Fact }[]
  /** Server time, ms. */
  readAt: number
}

/** `unlike`: why the stores cannot be told as one story at the moment; they may be on their way there. */
export type Telling = { story: Story } | { unlike: string }

type Begin = { epoch: number; seq: number; fromEpoch: number; fromSeq: number; state: ClassState }
type Row = { epoch: number; fact: Fact }

export async function readStory(redis: Redis, db: Db, classId: string): Promise<Telling> {
  const keys = keysOf(classId)
  const replies = await redis.multi().hgetall(keys.head).xrange(keys.log, '-', '+').exec()
  const hash = replies?.[0]?.[1] as Record<string, string>
  const entries = (replies?.[1]?.[1] ?? []) as [id: string, fields: string[]][]
  const head: Head = { epoch: Number(hash.epoch), seq: Number(hash.seq), nonce: hash.nonce ?? '' }
  if (!hash.epoch) return { unlike: 'Redis knows nothing of the class' }
  const { rows: positions } = await db.query<Head>(
    'select epoch, seq, nonce from class_positions where class_id = $1',
    [classId],
  )
  const [position] = positions
  if (!position || position.epoch !== head.epoch || position.seq !== head.seq) {
    return {
      unlike: `Redis is at ${toWords(head)}, PostgreSQL at ${position ? toWords(position) : 'nothing'}`,
    }
  }
  if (position.nonce !== head.nonce) return { unlike: `two histories lead to ${toWords(head)}` }
  const { rows } = await db.query<Row>(
    'select epoch, fact from class_facts where class_id = $1 order by epoch, seq',
    [classId],
  )
  const { rows: begins } = await db.query<Begin>(
    `select epoch, seq, continues_epoch as "fromEpoch", continues_seq as "fromSeq", state
     from class_checkpoints where class_id = $1 and continues_epoch is not null order by epoch, seq`,
    [classId],
  )
  const telling = replay(classId, head, rows, begins)
  if ('unlike' in telling) return telling
  const inRedis = entries.map(([, fields]) => JSON.parse(fields[1] ?? '') as Fact)
  const inPostgres = rows.filter(({ epoch }) => epoch === head.epoch).map(({ fact }) => fact)
  const tail = inPostgres.slice(inPostgres.length - inRedis.length)
  if (!same(tail, inRedis)) return { unlike: 'PostgreSQL has other facts of this epoch than Redis' }
  return telling
}

function replay(classId: string, head: Head, rows: Row[], begins: Begin[]): Telling {
  let state = emptyClass(classId, defaultSettings)
  let epoch = 1
  let told: Told[] = []
  const lost: Story['lost'] = []
  const bases = new Map([[1, state]])
  for (const next of [...begins.filter((begin) => begin.epoch > 1), null]) {
    for (const { fact } of rows.filter((row) => row.epoch === epoch)) {
      if (fact.seq !== state.seq + 1) {
        return { unlike: `PostgreSQL has a hole: ${epoch}-${state.seq}, then ${fact.seq}` }
      }
      const after = evolve(state, fact)
      told.push({ epoch, fact, before: state, after })
      state = after
    }
    if (!next) break
    if (next.seq < state.seq) {
      return { unlike: `epoch ${next.epoch} begins at ${next.seq}, below ${epoch}-${state.seq}` }
    }
    const isKept = ({ epoch, fact }: Told) =>
      epoch < next.fromEpoch || (epoch === next.fromEpoch && fact.seq <= next.fromSeq)
    lost.push(...told.filter((one) => !isKept(one)))
    told = told.filter(isKept)
    const last = told.at(-1)
    const from = last?.epoch === next.fromEpoch ? last.after : bases.get(next.fromEpoch)
    if (!from)
      return { unlike: `epoch ${next.epoch} goes on from ${next.fromEpoch}-${next.fromSeq}, unheard of` }
    state = { ...from, seq: next.seq }
    if (!same(state, next.state)) {
      return { unlike: `epoch ${next.epoch} begins with another state than its facts lead to` }
    }
    epoch = next.epoch
    bases.set(epoch, state)
  }
  if (epoch !== head.epoch || state.seq !== head.seq) {
    return { unlike: `the facts lead to ${epoch}-${state.seq}, the head is at ${toWords(head)}` }
  }
  return { story: { head, told, state, lost, readAt: Date.now() } }
}

export const toWords = ({ epoch, seq }: { epoch: number; seq: number }) => `${epoch}-${seq}`

/** As JSON is the same: in whatever order keys come. */
export function same(one: unknown, other: unknown): boolean {
  return toCanon(one) === toCanon(other)
}

function toCanon(value: unknown): string {
  return JSON.stringify(value, (_key, inner) =>
    inner && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
}
