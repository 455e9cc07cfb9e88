import { z } from 'zod'
import type { Role, Tier } from '../classroom/people'
import type { Phase } from '../classroom/state'
import type { Access, CountsFrame, YouFrame } from './events'
import { id, language, line, text, timestamp } from './fields'
import { settingsAtCreation } from './settings'

const NAME_CHARACTERS = 80
const TITLE_CHARACTERS = 200
/** As long as the identifiers of school systems get. */
const EXTERNAL_ID_CHARACTERS = 200
const QUESTION_CHARACTERS = 2000
/** Rows of one page: an answer of some hundred kB at most. */
const PAGE_LIMIT = 1000
const PAGE_DEFAULT = 200

const personName = line(NAME_CHARACTERS)
const classTitle = line(TITLE_CHARACTERS)

/** `POST /api/v1/classes` */
export const createClassBody = settingsAtCreation.extend({ title: classTitle })

/** `GET /api/v1/classes/:id` */
export type ClassSummary = {
  id: string
  code: string
  title: string
  phase: Phase
  counts: Omit<CountsFrame, 'playback'>
  broadcast: { state: 'off' | 'starting' | 'on' | 'restarting'; startedAt?: number; latencyMs?: number }
}

/** `POST /api/v1/classes/:id/people` */
export const createPersonBody = z.strictObject({
  name: personName,
  role: z.enum(['teacher', 'assistant', 'student']),
  language: language.optional(),
  externalId: line(EXTERNAL_ID_CHARACTERS).optional(),
})

/** `GET /api/v1/join/:code`: codes are read out and typed, so case, spaces and dashes do not matter. */
export const joinCode = z
  .string()
  .max(32)
  .transform((code) => code.replace(/[\s-]/g, '').toUpperCase())
  .pipe(z.string().regex(/^[A-Z0-9]{4,16}$/))

/** `POST /api/v1/join/:code` */
export const joinByCodeBody = z.strictObject({ name: personName, language: language.optional() })

/** `POST /api/v1/classes/:id/join` */
export type JoinAnswer = Access & {
  tier: Tier
  personId: string
  role: Role
  gateway: { url: string; token: string }
  seat?: YouFrame['seat']
  waiting?: YouFrame['waiting']
}

/** `POST /api/v1/classes/:id/requests` */
export const createRequestBody = z
  .strictObject({
    kind: z.enum(['voice', 'text']),
    text: text(QUESTION_CHARACTERS).optional(),
    language: language.optional(),
    sawAt: timestamp.optional(),
    anonymous: z.boolean().optional(),
    /** Chosen by the sender, so that a resend makes no second request. */
    id: z.uuid().optional(),
  })
  .refine(({ kind, text }) => kind === 'voice' || text !== undefined, {
    message: 'a question needs a text',
    path: ['text'],
  })
export type CreateRequestBody = z.infer<typeof createRequestBody>

export const classIdParam = id

/** `?after=<cursor>&limit=` of every list; the cursor is the `next` of the page before. */
export const pageQuery = z.object({
  after: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(PAGE_LIMIT).default(PAGE_DEFAULT),
})
export type Page<Row> = { items: Row[]; next: string | null }

/** RFC 9457; `code` is the stable name of the problem, `type` a URI that says the same. */
export type Problem = {
  type: string
  title: string
  status: number
  detail?: string
  code: string
  retryAfterMs?: number
}
