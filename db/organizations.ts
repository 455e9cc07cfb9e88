import type { Queryable } from './pool'

export async function insertOrganization(
  db: Queryable,
  { orgId, name }: { orgId: string; name: string },
): Promise<void> {
  await db.query('insert into organizations (org_id, name) values ($1, $2)', [orgId, name])
}
