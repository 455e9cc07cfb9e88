import { type Person, tierOf } from '../server/classroom/people'
import type { ClassState, Request } from '../server/classroom/state'
import { changedRows } from '../server/classroom/table'
import { toJsonb } from './jsonb'
import type { Transaction } from './pool'

/**
 * Brings the rows of a class, its people and its requests to a state. `from` is what they were brought to before:
 * states share what did not change, so only what did is looked at.
 */
export async function writeTables(
  transaction: Transaction,
  from: ClassState | null,
  to: ClassState,
): Promise<void> {
  if (!from || classroomColumns.some((column) => from[column] !== to[column])) {
    await writeClassroom(transaction, to)
  }
  const people = changedRows(from?.people, to.people)
  if (people.length > 0) await writePeople(transaction, to, people)
  const requests = changedRows(from?.requests, to.requests)
  if (requests.length > 0) await writeRequests(transaction, to, requests)
}

const classroomColumns = ['orgId', 'title', 'phase', 'settings', 'startedAt', 'endedAt'] as const

async function writeClassroom(transaction: Transaction, state: ClassState) {
  const { classId, orgId, code, title, phase, settings, createdAt, startedAt, endedAt } = state
  await transaction.query(
    `insert into classrooms (class_id, org_id, code, title, phase, seats, languages, created_at, started_at, ended_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
     on conflict (class_id) do update set title = excluded.title, phase = excluded.phase, seats = excluded.seats,
       languages = excluded.languages, started_at = excluded.started_at, ended_at = excluded.ended_at`,
    [
      ...[classId, orgId, code, storable(title), phase, settings.seats, settings.languages],
      ...[toTime(createdAt), toTime(startedAt), toTime(endedAt)],
    ],
  )
}

async function writePeople(transaction: Transaction, { classId, orgId }: ClassState, people: Person[]) {
  const rows = people.map(({ personId, role, name, language, place }) => ({
    ...{ person_id: personId, role, name, language, tier: tierOf(place) },
  }))
  await transaction.query(
    `insert into classroom_participants (class_id, org_id, person_id, role, name, language, tier)
     select $1, $2, person_id, role, name, language, tier
     from jsonb_to_recordset($3::jsonb) as r(person_id text, role text, name text, language text, tier text)
     on conflict (class_id, person_id) do update set
       role = excluded.role, name = excluded.name, language = excluded.language, tier = excluded.tier`,
    [classId, orgId, toJsonb(rows)],
  )
}

async function writeRequests(transaction: Transaction, { classId, orgId }: ClassState, requests: Request[]) {
  const rows = requests.map((r) => ({
    ...{ request_id: r.requestId, person_id: r.personId, kind: r.kind, status: r.status },
    ...{ published: r.published, anonymous: r.anonymous, text: r.text, language: r.language },
    ...{ votes: r.voteCount, merged_into: r.mergedInto, created_at: toTime(r.madeAt) },
  }))
  await transaction.query(
    `insert into classroom_requests (class_id, org_id, request_id, person_id, kind, status, published, anonymous,
       text, language, votes, merged_into, created_at)
     select $1, $2, request_id, person_id, kind, status, published, anonymous, text, language, votes, merged_into,
       created_at
     from jsonb_to_recordset($3::jsonb) as r(request_id text, person_id text, kind text, status text,
       published boolean, anonymous boolean, text text, language text, votes integer, merged_into text,
       created_at timestamptz)
     on conflict (class_id, request_id) do update set status = excluded.status, published = excluded.published,
       text = excluded.text, votes = excluded.votes, merged_into = excluded.merged_into`,
    [classId, orgId, toJsonb(rows)],
  )
}

/** Server time in ms as Postgres reads it, to the millisecond. */
export function toTime(ms: number): string
export function toTime(ms: number | undefined): string | null
export function toTime(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString()
}

function storable(text: string): string {
  return JSON.parse(toJsonb(text)) as string
}
