import type { Queryable } from './pool'

/** Who has the school's id in this class: `personId` if it was free, whoever came first otherwise. One statement, so
 * of two at once both get the same answer. */
export async function claimExternalId(
  db: Queryable,
  classId: string,
  externalId: string,
  personId: string,
): Promise<string> {
  const { rows } = await db.query<{ personId: string }>(
    `insert into classroom_participants (class_id, org_id, person_id, external_id)
     select class_id, org_id, $2, $3 from classrooms where class_id = $1
     on conflict (class_id, external_id) do update set external_id = excluded.external_id
     returning person_id as "personId"`,
    [classId, personId, externalId],
  )
  const row = rows[0]
  if (!row) throw new Error(`The class ${classId} is not in the database`)
  return row.personId
}
