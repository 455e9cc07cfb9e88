import type { Redis } from 'ioredis'
import { revokedKey } from '../redis/names'

/** Every token is signed with this version. */
export const TOKEN_VERSION = 0
/** Removal is for good: the person's tokens of before are void, and no new ones are made. */
const VERSION_AFTER_REMOVAL = TOKEN_VERSION + 1

/** Whose signed tokens are void although they have not expired: shared with gateways and origins through Redis. */
export type Revocations = {
  isRevoked(claims: { sub: string; ver: number }): Promise<boolean>
  revoke(personIds: readonly string[]): Promise<void>
}

export function createRevocations(redis: Pick<Redis, 'hget' | 'hset'>): Revocations {
  return {
    async isRevoked({ sub, ver }) {
      const minimum = await redis.hget(revokedKey, sub)
      return minimum !== null && ver < Number(minimum)
    },
    async revoke(personIds) {
      if (personIds.length === 0) return
      await redis.hset(revokedKey, Object.fromEntries(personIds.map((id) => [id, VERSION_AFTER_REMOVAL])))
    },
  }
}
