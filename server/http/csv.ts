export type Cell = string | number | boolean | null | undefined

/** A spreadsheet runs a cell that starts with one of these as a formula: names are typed by strangers. */
const formulaStart = /^[=+\-@\t\r]/

/** RFC 4180, with a byte order mark so that spreadsheets read it as UTF-8. */
export function toCsv(header: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const lines = [header, ...rows].map((row) => row.map(toField).join(','))
  return `\uFEFF${lines.map((line) => `${line}\r\n`).join('')}`
}

function toField(cell: Cell): string {
  if (typeof cell !== 'string') return cell === null || cell === undefined ? '' : String(cell)
  const safe = formulaStart.test(cell) ? `'${cell}` : cell
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
