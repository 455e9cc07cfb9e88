import type { Revocations } from '../../server/people/revocations'
import { ANY_VIEWER, type Tokens, type WatchClaims } from '../../server/people/tokens'
import type { Opens } from './kept'
import { TOKEN_CACHE_MS } from './limits'

export type Refusal = 'token_invalid' | 'token_expired' | 'token_revoked'
export type Pass =
  | { ok: true; classId: string; isShared: boolean; opens: Opens }
  | { ok: false; code: Refusal }

/** Says who may watch. `classId` of a pass must be compared with what is asked for. */
export type Gate = {
  check(token: string): Promise<Pass>
  /** A token that was found good just now; null: it must be checked. */
  recall(token: string): (Pass & { ok: true }) | null
  /** As `check`, whatever is remembered: for those who remember the answer themselves. */
  checkAnew(token: string): Promise<Pass>
}

/** Good tokens remembered at once; beyond, the oldest is checked anew. 300 bytes each. */
const REMEMBERED_TOKENS = 50_000

/**
 * Checks watch tokens: signature, expiry, and that removal has not put up the person's version since. Good ones
 * are remembered for 5 s, bad ones not at all: anyone can make those without end.
 */
export function createGate(
  tokens: Tokens,
  revocations: Pick<Revocations, 'isRevoked'>,
  now: () => number,
  onFault: (fault: unknown) => void,
): Gate {
  const remembered = new Map<
    string,
    { pass: Promise<Pass>; good: (Pass & { ok: true }) | null; until: number }
  >()

  async function check(token: string): Promise<Pass> {
    const reading = await tokens.readWatch(token)
    if (!reading.ok)
      return { ok: false, code: reading.reason === 'expired' ? 'token_expired' : 'token_invalid' }
    const { cls, sub, only = 'broadcast' } = reading.claims
    const isShared = sub === ANY_VIEWER
    if (!isShared && (await isRevoked(reading.claims))) return { ok: false, code: 'token_revoked' }
    return { ok: true, classId: cls, isShared, opens: only }
  }

  /** Without an answer the class goes on for everybody: a removal comes into force when Redis is back. */
  async function isRevoked(claims: WatchClaims): Promise<boolean> {
    try {
      return await revocations.isRevoked(claims)
    } catch (fault) {
      onFault(fault)
      return false
    }
  }

  return {
    check(token) {
      const at = now()
      const found = remembered.get(token)
      if (found && at < found.until) return found.pass
      remembered.delete(token)
      const pass = check(token)
      const entry = { pass, good: null as (Pass & { ok: true }) | null, until: at + TOKEN_CACHE_MS }
      remembered.set(token, entry)
      if (remembered.size > REMEMBERED_TOKENS) {
        const [oldest] = remembered.keys()
        if (oldest !== undefined) remembered.delete(oldest)
      }
      void pass.then((found) => {
        if (found.ok) entry.good = found
        else if (remembered.get(token) === entry) remembered.delete(token)
      })
      return pass
    },
    recall(token) {
      const found = remembered.get(token)
      return found && now() < found.until ? found.good : null
    },
    checkAnew: check,
  }
}
