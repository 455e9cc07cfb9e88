import { TOKEN_VERSION } from './revocations'
import { ANY_VIEWER, createTokens, WATCH_TOKEN_MS } from './tokens'

/**
 * For this long everybody asks for the same token and gets the same one, from every process: a player's URL does
 * not change with each `you`. What is left of a token's life is never less than WATCH_TOKEN_MS minus this.
 */
const SAME_FOR_MS = 60 * 60_000

export type WatchTokens = {
  /** `only`: it opens nothing but what was recorded, as is given to everybody once the class has ended. */
  sign(classId: string, personId: string, only?: 'replay'): string
}

/** Signs as if at the beginning of the hour: HS256 gives the same token for the same claims. */
export function createWatchTokens(
  secretKeys: readonly string[],
  now: () => number,
  kind: 'person' | 'class',
): WatchTokens {
  const tokens = createTokens(secretKeys, () => Math.floor(now() / SAME_FOR_MS) * SAME_FOR_MS)
  return {
    sign: (classId, personId, only) =>
      tokens.signWatch(
        {
          cls: classId,
          sub: kind === 'class' ? ANY_VIEWER : personId,
          ver: TOKEN_VERSION,
          ...(only && { only }),
        },
        WATCH_TOKEN_MS,
      ),
  }
}
