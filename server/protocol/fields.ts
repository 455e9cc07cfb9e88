import { z } from 'zod'

/** A BCP 47 tag (RFC 5646 recommends room for 35 characters), brought to its canonical spelling. */
const LANGUAGE_CHARACTERS = 35

/** classId, personId, requestId...: what goes into Redis keys, LiveKit identities and paths. */
export const id = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/)

export const language = z
  .string()
  .max(LANGUAGE_CHARACTERS)
  .transform((tag, context) => {
    try {
      const [canonical] = Intl.getCanonicalLocales(tag)
      if (canonical) return canonical
    } catch {
      // RangeError: not a language tag.
    }
    context.addIssue({ code: 'custom', message: 'not a BCP 47 language tag' })
    return z.NEVER
  })

/**
 * Free text of 1 to `characters` Unicode code points. Lone surrogates and control characters (other than line breaks
 * and tabs) are refused: Postgres stores neither, and no keyboard types them.
 */
export function text(characters: number) {
  return z
    .string()
    .max(characters * 2)
    .trim()
    .min(1)
    .refine((value) => !/[^\P{Cc}\n\r\t]|\p{Cs}/u.test(value), 'holds control characters')
    .refine((value) => countCodePoints(value) <= characters, `longer than ${characters} characters`)
}

/**
 * Text on one line: names, titles. Stands beside others in one sentence ("Invite NAME to speak"), so it holds something
 * that is seen and nothing that turns round what follows it (Unicode UAX #9: embeddings, overrides, isolates).
 */
export function line(characters: number) {
  return text(characters)
    .refine((value) => !/[\n\r\t\u2028\u2029]/.test(value), 'has more than one line')
    .refine((value) => !/[\u202a-\u202e\u2066-\u2069]/.test(value), 'holds controls of direction')
    .refine((value) => /[\p{L}\p{N}\p{P}\p{S}]/u.test(value), 'holds nothing that can be seen')
}

/** Server time, ms since 1970. */
export const timestamp = z.number().nonnegative().max(Number.MAX_SAFE_INTEGER)

function countCodePoints(value: string): number {
  let count = 0
  for (const _ of value) count++
  return count
}
