import type { AttendancePage, AttendanceRow } from '../server/people/directory'
import type { Queryable } from './pool'

type Row = Omit<AttendanceRow, 'firstJoinedAt' | 'lastLeftAt'> & {
  joinedAt: Date | null
  leftAt: Date | null
}

/**
 * One row for everybody who was registered, by person. Waiting is not presence. A stay that is not over counts up to
 * now, and its person has not left.
 */
export async function listAttendance(
  db: Queryable,
  classId: string,
  after: string | null,
  limit: number,
): Promise<AttendancePage> {
  const { rows } = await db.query<Row>(
    `select p.person_id as "personId", p.name, p.role, p.joined_at as "joinedAt", p.left_at as "leftAt",
       coalesce(s.present, 0)::integer as "secondsPresent", coalesce(s.seat, 0)::integer as "secondsInSeat",
       coalesce(s.stage, 0)::integer as "secondsOnStage",
       (select count(*) from classroom_requests r where r.class_id = p.class_id and r.person_id = p.person_id)::integer
         as requests
     from classroom_participants p
     left join lateral (
       select sum(seconds) filter (where place in ('seat', 'overflow')) as present,
         sum(seconds) filter (where place = 'seat') as seat, sum(seconds) filter (where place = 'stage') as stage
       from (
         select place, extract(epoch from coalesce(left_at, greatest(now(), joined_at)) - joined_at) as seconds
         from classroom_stays where class_id = p.class_id and person_id = p.person_id
       ) stay
     ) s on true
     where p.class_id = $1 and p.role is not null and p.person_id > $2
     order by p.person_id limit $3`,
    [classId, after ?? '', limit + 1],
  )
  const items = rows.slice(0, limit).map(toAttendance)
  return { items, next: rows.length > limit ? (items.at(-1)?.personId ?? null) : null }
}

function toAttendance({ joinedAt, leftAt, ...row }: Row): AttendanceRow {
  return {
    ...row,
    name: row.name ?? '',
    firstJoinedAt: joinedAt?.getTime() ?? null,
    lastLeftAt: leftAt?.getTime() ?? null,
  }
}
