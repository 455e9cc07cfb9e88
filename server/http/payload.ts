import type { z } from 'zod'

/** Which field is wrong and why, for the person who wrote the call; never what was given. */
export function toDetail(error: z.ZodError): string {
  return error.issues
    .map(({ path, message }) => (path.length > 0 ? `${path.join('.')}: ${message}` : message))
    .join('; ')
}
