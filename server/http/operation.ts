import type { z } from 'zod'
import type { Person } from '../classroom/people'
import type { FollowedClass } from '../log/class-logs'
import type { Failure } from '../people/failures'
import type { ProblemCode } from './problems'

/** The school (or the operator) by an API key, or one person by their token. */
export type Caller =
  /** `orgId` null: the operator's key, good for every organisation. */
  { kind: 'key'; orgId: string | null } | { kind: 'person'; personId: string; classId: string }

export type ClassCaller = { kind: 'key' } | { kind: 'person'; person: Person }

/** Who may call. `person`: anybody of the class; `staff` includes the teacher. */
export type Door = 'key' | 'teacher' | 'staff' | 'student' | 'person'

export type Reply =
  | { ok: true; status: 200 | 201; body: object }
  | { ok: true; status: 204 }
  | { ok: true; status: 200; csv: string; fileName: string }
  | Failure

/** Where the call came from. */
export type Caught = {
  /** The path's parameters besides `:id`. */
  params: Readonly<Record<string, string>>
  /** Scheme, host and port by which the caller reaches us. */
  baseUrl: string
  /** Of the caller, as far as TRUSTED_PROXIES can be believed. */
  address: string
  wantsCsv: boolean
}

type Shape<Body, Query> = {
  method: 'get' | 'post' | 'delete'
  /** As Express writes it. */
  path: string
  name: string
  summary: string
  body?: z.ZodType<Body>
  query?: z.ZodType<Query>
  answer: { status: 200 | 201; schema: z.ZodType; csv?: true } | { status: 204 }
  /** Besides those that every call may have. */
  problems: readonly ProblemCode[]
}

type AnyoneOperation<Body, Query> = Shape<Body, Query> & {
  by: 'anyone'
  handle(call: Caught & { body: Body; query: Query }): Promise<Reply>
}
type SchoolOperation<Body, Query> = Shape<Body, Query> & {
  by: 'school'
  handle(call: Caught & { body: Body; query: Query; orgId: string | null }): Promise<Reply>
}
type ClassOperation<Body, Query> = Shape<Body, Query> & {
  by: readonly Door[]
  handle(
    call: Caught & { body: Body; query: Query; followed: FollowedClass; caller: ClassCaller },
  ): Promise<Reply>
}

type AnyOperation<Body, Query> =
  | AnyoneOperation<Body, Query>
  | SchoolOperation<Body, Query>
  | ClassOperation<Body, Query>

/** One call of the API: its route, its words in OpenAPI, who may, what it takes, and what it does. */
export type Operation = AnyOperation<unknown, unknown>

export function forAnyone<Body, Query>(operation: Omit<AnyoneOperation<Body, Query>, 'by'>): Operation {
  return { ...operation, by: 'anyone' } as AnyoneOperation<unknown, unknown>
}

export function forSchool<Body, Query>(operation: Omit<SchoolOperation<Body, Query>, 'by'>): Operation {
  return { ...operation, by: 'school' } as SchoolOperation<unknown, unknown>
}

/** Below `/classes/:id`. */
export function inClass<Body, Query>(operation: ClassOperation<Body, Query>): Operation {
  return operation as ClassOperation<unknown, unknown>
}
