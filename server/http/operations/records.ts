import type { AttendanceRow } from '../../people/directory'
import { pageQuery } from '../../protocol/http'
import { attendancePage, factPage } from '../answers'
import { toCsv } from '../csv'
import { inClass, type Operation } from '../operation'
import type { OperationDeps } from './deps'

/** Rows fetched at a time for a file. */
const CSV_PAGE = 1000

export function recordOperations({ directory, history }: OperationDeps): Operation[] {
  async function everyone(classId: string): Promise<AttendanceRow[]> {
    const rows: AttendanceRow[] = []
    let after: string | null = null
    do {
      const page = await directory.listAttendance(classId, after, CSV_PAGE)
      rows.push(...page.items)
      after = page.next
    } while (after !== null)
    return rows
  }

  return [
    inClass({
      method: 'get',
      path: '/classes/:id/attendance',
      name: 'listAttendance',
      summary: 'Who was there, how long and how: one row a person, over tiers, reconnects and devices',
      by: ['key', 'staff'],
      query: pageQuery,
      answer: { status: 200, schema: attendancePage, csv: true },
      problems: ['unknown_class'],
      async handle({ followed, query, wantsCsv }) {
        const { classId, state } = followed
        if (!wantsCsv) {
          const body = await directory.listAttendance(classId, query.after ?? null, query.limit)
          return { ok: true, status: 200, body }
        }
        const rows = await everyone(classId)
        const csv = toCsv(
          columns,
          rows.map((row) => columns.map((column) => toCell(column, row))),
        )
        return { ok: true, status: 200, csv, fileName: `attendance-${state.code}.csv` }
      },
    }),
    inClass({
      method: 'get',
      path: '/classes/:id/facts',
      name: 'listFacts',
      summary: 'Everything that happened, from the first fact; ask again with `next` for what is new',
      by: ['key', 'staff'],
      query: pageQuery,
      answer: { status: 200, schema: factPage },
      problems: ['unknown_class', 'bad_payload'],
      async handle({ followed, query }) {
        const page = await history.read(followed, query.after, query.limit)
        return page.ok ? { ok: true, status: 200, body: { items: page.items, next: page.next } } : page
      },
    }),
  ]
}

const columns = [
  'personId',
  'name',
  'role',
  'firstJoinedAt',
  'lastLeftAt',
  'secondsPresent',
  'secondsInSeat',
  'secondsOnStage',
  'requests',
] as const

/** Times in a spreadsheet are for people: ISO 8601, UTC. */
function toCell(column: (typeof columns)[number], row: AttendanceRow) {
  const value = row[column]
  const isTime = column === 'firstJoinedAt' || column === 'lastLeftAt'
  return isTime && typeof value === 'number' ? new Date(value).toISOString() : value
}
