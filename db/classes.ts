import type { Phase } from '../server/classroom/state'
import type { Queryable } from './pool'
import { toTime } from './query-tables'

export type ClassRow = {
  classId: string
  orgId: string
  code: string
  title: string
  phase: Phase
  createdAt: Date
  startedAt: Date | null
  endedAt: Date | null
}

const columns = `class_id as "classId", org_id as "orgId", code, title, phase, created_at as "createdAt",
  started_at as "startedAt", ended_at as "endedAt"`

/** Claims the code before the log has the class. False: another class has it. `now`: server time, ms. */
export async function insertClass(
  db: Queryable,
  row: { classId: string; orgId: string; code: string; title: string; now: number },
): Promise<boolean> {
  const { rowCount } = await db.query(
    `insert into classrooms (class_id, org_id, code, title, created_at) values ($1, $2, $3, $4, $5)
     on conflict (code) do nothing`,
    [row.classId, row.orgId, row.code, row.title, toTime(row.now)],
  )
  return rowCount === 1
}

export async function findClassByCode(db: Queryable, code: string): Promise<ClassRow | null> {
  const { rows } = await db.query<ClassRow>(`select ${columns} from classrooms where code = $1`, [code])
  return rows[0] ?? null
}

export async function findClass(db: Queryable, classId: string): Promise<ClassRow | null> {
  const { rows } = await db.query<ClassRow>(`select ${columns} from classrooms where class_id = $1`, [
    classId,
  ])
  return rows[0] ?? null
}
