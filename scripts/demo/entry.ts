import { z } from 'zod'
import type { Http } from './http'

const person = z.object({ personId: z.string(), token: z.string() })
const guest = person.extend({ classId: z.string() })
const joined = z.object({ gateway: z.object({ token: z.string() }) })

export type DemoPerson = z.infer<typeof person>
export type Identity = { name: string; language: string; externalId: string }

/**
 * The school's door, as hundreds of guests from one address would meet JOIN_LIMIT_PER_IP. The same `externalId` is the
 * same person, also in the next demo.
 */
export async function registerStudent(http: Http, classId: string, student: Identity): Promise<DemoPerson> {
  return person.parse(
    await http.call('POST', `/classes/${classId}/people`, { body: { ...student, role: 'student' } }),
  )
}

/** The door of the join code: the only one who can say which class a code is of is whoever comes in. */
export async function registerGuest(
  http: Http,
  code: string,
  { name, language }: Identity,
): Promise<DemoPerson & { classId: string }> {
  const path = `/join/${encodeURIComponent(code)}`
  return guest.parse(await http.call('POST', path, { body: { name, language } }))
}

/** Resolves with a token for one handshake. */
export async function enterClass(http: Http, classId: string, { token }: DemoPerson): Promise<string> {
  const { gateway } = joined.parse(await http.call('POST', `/classes/${classId}/join`, { token, body: {} }))
  return gateway.token
}
