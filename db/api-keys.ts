import type { Queryable } from './pool'

/** `keyHash`: SHA-256 of the key. */
export async function insertApiKey(
  db: Queryable,
  row: { keyId: string; orgId: string; name: string; keyHash: Buffer },
): Promise<void> {
  await db.query('insert into api_keys (key_id, org_id, name, key_hash) values ($1, $2, $3, $4)', [
    ...[row.keyId, row.orgId, row.name, row.keyHash],
  ])
}

/** null: no such key, or it was revoked. */
export async function findApiKey(db: Queryable, keyHash: Buffer): Promise<{ orgId: string } | null> {
  const { rows } = await db.query<{ orgId: string }>(
    'select org_id as "orgId" from api_keys where key_hash = $1 and revoked_at is null',
    [keyHash],
  )
  return rows[0] ?? null
}

export async function revokeApiKey(db: Queryable, keyId: string): Promise<void> {
  await db.query('update api_keys set revoked_at = now() where key_id = $1 and revoked_at is null', [keyId])
}
