import { joinCode } from '../protocol/http'

/** No I, L, O (taken for 1 and 0 when read) and no vowels that would make words. */
const LETTERS = 'BCDFGHJKMNPQRSTVWXYZ'
/** 20^9 = 5 * 10^11 codes: with a limit on joins per address, guessing one of a thousand live classes takes years. */
const GROUPS = 3
const GROUP_LETTERS = 3

/** A fresh code, `KFM-WTX-BZD`. `randomInt(n)` gives 0..n-1, unpredictably. */
export function newCode(randomInt: (below: number) => number): string {
  const group = () => Array.from({ length: GROUP_LETTERS }, () => LETTERS[randomInt(LETTERS.length)]).join('')
  return Array.from({ length: GROUPS }, group).join('-')
}

/** A code as typed (any case, spaces or dashes) to how it is stored; null: cannot be one. */
export function parseCode(typed: string): string | null {
  const result = joinCode.safeParse(typed)
  if (!result.success) return null
  return result.data.match(/.{1,3}/g)?.join('-') ?? null
}
