import type { Fact } from '../server/classroom/facts'
import type { ClassState } from '../server/classroom/state'
import { toJsonb } from './jsonb'
import type { Transaction } from './pool'
import { toTime } from './query-tables'
import { type OpenStay, type StayChanges, toStayChanges, toStayCorrections } from './stays'

type Where = { classId: string; orgId: string; epoch: number }

export async function writeStays(
  transaction: Transaction,
  where: Where,
  facts: readonly Fact[],
): Promise<void> {
  const all = facts.some((fact) => fact.type === 'class.ended')
  const people = facts.flatMap((fact) => (movers.has(fact.type) && 'personId' in fact ? [fact.personId] : []))
  if (!all && people.length === 0) return
  const open = await findOpen(transaction, where.classId, all ? null : people)
  await write(transaction, where, toStayChanges(open, facts))
}

/** For a state whose way there is not known: an epoch that begins. */
export async function correctStays(transaction: Transaction, where: Where, state: ClassState): Promise<void> {
  const open = await findOpen(transaction, where.classId, null)
  await write(transaction, where, toStayCorrections(open, state))
}

const movers: ReadonlySet<Fact['type']> = new Set([
  ...(['person.joined', 'person.left', 'person.denied', 'person.removed', 'person.changed'] as const),
  ...(['seat.taken', 'seat.released', 'stage.joined', 'stage.left'] as const),
])

async function findOpen(transaction: Transaction, classId: string, people: (string | null)[] | null) {
  const { rows } = await transaction.query<OpenStay>(
    `select person_id as "personId", place from classroom_stays
     where class_id = $1 and left_at is null and ($2::text[] is null or person_id = any($2))`,
    [classId, people],
  )
  return rows
}

async function write(transaction: Transaction, where: Where, { ended, begun }: StayChanges) {
  const { classId, orgId, epoch } = where
  if (ended.length > 0) {
    const rows = ended.map((s) => ({ person_id: s.personId, place: s.place, left_at: toTime(s.leftAt) }))
    await transaction.query(
      `update classroom_stays s set left_at = r.left_at
       from jsonb_to_recordset($2::jsonb) as r(person_id text, place text, left_at timestamptz)
       where s.class_id = $1 and s.person_id = r.person_id and s.place = r.place and s.left_at is null`,
      [classId, toJsonb(rows)],
    )
  }
  if (begun.length > 0) {
    const rows = begun.map((s) => ({
      ...{ person_id: s.personId, place: s.place, seq: s.seq },
      ...{ joined_at: toTime(s.joinedAt), left_at: toTime(s.leftAt ?? undefined) },
    }))
    await transaction.query(
      `insert into classroom_stays (class_id, org_id, epoch, person_id, place, seq, joined_at, left_at)
       select $1, $2, $3, person_id, place, seq, joined_at, left_at
       from jsonb_to_recordset($4::jsonb) as r(person_id text, place text, seq bigint, joined_at timestamptz,
         left_at timestamptz)
       on conflict do nothing`,
      [classId, orgId, epoch, toJsonb(rows)],
    )
  }
  const people = [...new Set([...ended, ...begun].map((stay) => stay.personId))]
  if (people.length > 0) await writePresence(transaction, classId, people)
}

async function writePresence(transaction: Transaction, classId: string, people: string[]) {
  await transaction.query(
    `update classroom_participants p set joined_at = s.first, left_at = s.last
     from (
       select person_id, min(joined_at) as first,
         case when bool_or(left_at is null) then null else max(left_at) end as last
       from classroom_stays
       where class_id = $1 and person_id = any($2) and place in ('seat', 'overflow')
       group by person_id
     ) s
     where p.class_id = $1 and p.person_id = s.person_id`,
    [classId, people],
  )
}
