import type { Person } from '../classroom/people'
import type { ClassState } from '../classroom/state'
import { findRow } from '../classroom/table'
import type { ClassLogs, FollowedClass } from '../log/class-logs'
import { readPersonCookies } from '../people/cookies'
import type { Tokens } from '../people/tokens'

/** One of a browser's people, in their class. */
export type Me = { followed: FollowedClass; state: ClassState; person: Person; signedInUntil: number }

/** Who a browser is, by its cookies: newest first. Cookies that have expired or are not ours count for nothing. */
export async function findMyPeople(
  { tokens, logs }: { tokens: Pick<Tokens, 'readPerson'>; logs: Pick<ClassLogs, 'follow'> },
  cookieHeader: string | null,
): Promise<Me[]> {
  const found = await Promise.all(
    [...readPersonCookies(cookieHeader)].map(async ([personId, token]): Promise<Me[]> => {
      const reading = await tokens.readPerson(token)
      // A token below another person's name would make `?as=` lie.
      if (!reading.ok || reading.claims.sub !== personId) return []
      const followed = await logs.follow(reading.claims.cls)
      const person = followed && findRow(followed.state.people, personId)
      if (!followed || !person) return []
      return [{ followed, state: followed.state, person, signedInUntil: reading.expiresAt }]
    }),
  )
  return found
    .flat()
    .reverse()
    .sort((a, b) => b.signedInUntil - a.signedInUntil)
}
