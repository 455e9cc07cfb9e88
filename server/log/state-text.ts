import type { ClassState } from '../classroom/state'

/** Stringified in one go: about a millisecond. The state of 10,000 people is some MB, and everybody waits meanwhile. */
const PIECE_BRANCHES = 4

/**
 * A state as JSON, written in pieces between which the process does other work: a state never changes, so that it does
 * not matter how long that takes.
 */
export async function toStateText(state: ClassState): Promise<string> {
  const fields: string[] = []
  for (const [name, value] of Object.entries(state)) {
    if (value === undefined) continue
    fields.push(
      `${JSON.stringify(name)}:${isTable(value) ? await toTableText(value) : JSON.stringify(value)}`,
    )
  }
  return `{${fields.join(',')}}`
}

type AnyTable = { size: number; branches: Record<string, unknown> }

function isTable(value: unknown): value is AnyTable {
  return typeof value === 'object' && value !== null && 'branches' in value
}

async function toTableText({ size, branches }: AnyTable): Promise<string> {
  const pieces: string[] = []
  const entries = Object.entries(branches)
  for (let i = 0; i < entries.length; i += PIECE_BRANCHES) {
    const text = JSON.stringify(Object.fromEntries(entries.slice(i, i + PIECE_BRANCHES)))
    pieces.push(text.slice(1, -1))
    await new Promise((resolve) => setImmediate(resolve))
  }
  return `{"size":${size},"branches":{${pieces.join(',')}}}`
}
