import jwt from 'jsonwebtoken'
import { z } from 'zod'
import { deriveKey, type Purpose } from './keys'

const id = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/)
const role = z.enum(['teacher', 'assistant', 'student'])
/** Removal bumps the person's version; tokens of an older one are void (see `amphi:revoked`). */
const ver = z.number().int().nonnegative()

const personClaims = z.object({ cls: id, sub: id, role, ver })
/**
 * `sub` is a personId, or `class` where one token serves every viewer of the class. `only`: it opens nothing but what was
 * recorded of a class that has ended.
 */
const watchClaims = z.object({ cls: id, sub: id, ver, only: z.literal('replay').optional() })
/** A link with `sub` brings back a known person; without, it makes a new one. */
const linkClaims = z.object({ cls: id, role, sub: id.optional() })
/** Opens the one file of a class's recording. */
const downloadClaims = z.object({ cls: id, sub: id })

export type PersonClaims = z.infer<typeof personClaims>
export type GatewayClaims = PersonClaims
export type WatchClaims = z.infer<typeof watchClaims>
export type LinkClaims = z.infer<typeof linkClaims>
export type DownloadClaims = z.infer<typeof downloadClaims>

/** `expired` is said only of a token whose signature is good: a join page may tell its reader so. */
export type Reading<Claims> =
  | { ok: true; claims: Claims; expiresAt: number }
  | { ok: false; reason: 'expired' | 'invalid' }

const INVALID = { ok: false, reason: 'invalid' } as const
/** The only one that is signed, or accepted, whatever a token's header says. */
const ALGORITHM = 'HS256'

/** The `sub` of a watch token that is not tied to one person. */
export const ANY_VIEWER = 'class'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
/** A school day with room on both sides. */
export const PERSON_TOKEN_MS = 12 * HOUR_MS
/** Used once, for the handshake that follows at once. */
export const GATEWAY_TOKEN_MS = 2 * MINUTE_MS
/** Longer than a class lasts: the playlist's URL cannot change under a running player. */
export const WATCH_TOKEN_MS = 6 * HOUR_MS
/** A large file over a slow line, begun some time after the page was opened. */
const DOWNLOAD_TOKEN_MS = 6 * HOUR_MS
/** Links are sent out when the class is made, often weeks before. */
const LINK_TOKEN_MS = 30 * 24 * HOUR_MS

export type Tokens = {
  signPerson(claims: PersonClaims, lifetimeMs?: number): string
  signGateway(claims: GatewayClaims, lifetimeMs?: number): string
  signWatch(claims: WatchClaims, lifetimeMs?: number): string
  signLink(claims: LinkClaims, lifetimeMs?: number): string
  signDownload(claims: DownloadClaims, lifetimeMs?: number): string
  readPerson(token: string): Reading<PersonClaims>
  readGateway(token: string): Reading<GatewayClaims>
  readWatch(token: string): Reading<WatchClaims>
  readLink(token: string): Reading<LinkClaims>
  readDownload(token: string): Reading<DownloadClaims>
}

/**
 * Every signed token of the product: JWT, HS256 (RFC 7519), with keys derived per purpose. The first secret
 * signs, all verify, so a secret is changed by putting the new one first. Reading never throws for a bad token.
 * `now` is server time in ms, `expiresAt` too.
 */
export function createTokens(secretKeys: readonly string[], now: () => number): Tokens {
  const person = createKind('person', personClaims, secretKeys, now)
  const gateway = createKind('gateway', personClaims, secretKeys, now)
  const watch = createKind('watch', watchClaims, secretKeys, now)
  const link = createKind('link', linkClaims, secretKeys, now)
  const download = createKind('download', downloadClaims, secretKeys, now)
  return {
    signPerson: (claims, lifetimeMs = PERSON_TOKEN_MS) => person.sign(claims, lifetimeMs),
    signGateway: (claims, lifetimeMs = GATEWAY_TOKEN_MS) => gateway.sign(claims, lifetimeMs),
    signWatch: (claims, lifetimeMs = WATCH_TOKEN_MS) => watch.sign(claims, lifetimeMs),
    signLink: (claims, lifetimeMs = LINK_TOKEN_MS) => link.sign(claims, lifetimeMs),
    signDownload: (claims, lifetimeMs = DOWNLOAD_TOKEN_MS) => download.sign(claims, lifetimeMs),
    readPerson: person.read,
    readGateway: gateway.read,
    readWatch: watch.read,
    readLink: link.read,
    readDownload: download.read,
  }
}

function createKind<Claims extends object>(
  purpose: Purpose,
  schema: z.ZodType<Claims>,
  secretKeys: readonly string[],
  now: () => number,
) {
  const [first] = secretKeys
  if (first === undefined) throw new Error('SECRET_KEYS holds no key to sign with')
  const signingKey = deriveKey(first, purpose)
  const keys = secretKeys.map((secret) => deriveKey(secret, purpose))

  function sign(claims: Claims, lifetimeMs: number): string {
    const iat = toSeconds(now())
    const exp = iat + Math.ceil(lifetimeMs / 1000)
    return jwt.sign({ ...schema.parse(claims), iat, exp }, signingKey, { algorithm: ALGORITHM })
  }

  function read(token: string): Reading<Claims> {
    for (const key of keys) {
      try {
        const payload = jwt.verify(token, key, {
          algorithms: [ALGORITHM],
          clockTimestamp: toSeconds(now()),
        })
        const parsed = schema.safeParse(payload)
        // A token without an end is none of ours.
        if (!parsed.success || typeof payload !== 'object' || payload.exp === undefined) return INVALID
        return { ok: true, claims: parsed.data, expiresAt: payload.exp * 1000 }
      } catch (error) {
        if (error instanceof jwt.TokenExpiredError) return { ok: false, reason: 'expired' }
      }
    }
    return INVALID
  }

  return { sign, read }
}

function toSeconds(ms: number): number {
  return Math.floor(ms / 1000)
}
