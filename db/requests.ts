import type { RequestKind, RequestStatus } from '../server/classroom/state'
import type { Queryable } from './pool'

export type RequestRow = {
  requestId: string
  personId: string
  kind: RequestKind
  status: RequestStatus
  published: boolean
  anonymous: boolean
  text: string | null
  language: string | null
  votes: number
  mergedInto: string | null
  createdAt: Date
}

/** Oldest first. `after`: time and id of the last row of the page before, as requests of one moment are many. */
export async function listRequests(
  db: Queryable,
  classId: string,
  {
    status,
    after,
    limit,
  }: { status?: RequestStatus; after?: { createdAt: Date; requestId: string }; limit: number },
): Promise<RequestRow[]> {
  const { rows } = await db.query<RequestRow>(
    `select request_id as "requestId", person_id as "personId", kind, status, published, anonymous, text, language,
       votes, merged_into as "mergedInto", created_at as "createdAt"
     from classroom_requests
     where class_id = $1 and ($2::text is null or status = $2)
       and ($3::timestamptz is null or (created_at, request_id) > ($3, $4))
     order by created_at, request_id limit $5`,
    [classId, status ?? null, after?.createdAt ?? null, after?.requestId ?? null, limit],
  )
  return rows
}
