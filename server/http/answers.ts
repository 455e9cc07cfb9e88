import { z } from 'zod'
import { id, timestamp } from '../protocol/fields'

/** What the API answers with: written down for OpenAPI; inside, the types of `protocol/http.ts` hold. */
const phase = z.enum(['draft', 'live', 'ended'])
const count = z.number().int().nonnegative()
const url = z.string()
const next = z.string().nullable().describe('Cursor of the next page; null: this was the last.')

export const classCreated = z.object({
  id,
  code: z.string(),
  title: z.string(),
  phase,
  links: z.object({ teacher: url, assistant: url, student: url }),
})

export const classSummary = z.object({
  id,
  code: z.string(),
  title: z.string(),
  phase,
  counts: z.object({
    seats: z.object({ limit: count, held: count, offered: count }),
    overflow: count,
    waiting: count,
    requests: count,
    stage: count,
  }),
  broadcast: z.object({
    state: z.enum(['off', 'starting', 'on', 'restarting']),
    startedAt: timestamp.optional(),
    latencyMs: z.number().nonnegative().optional(),
  }),
})

export const recordingReport = z.discriminatedUnion('state', [
  z.object({ state: z.enum(['none', 'on', 'waiting', 'deleted', 'failed']) }),
  z.object({ state: z.literal('making'), share: z.number().min(0).max(1) }),
  z.object({ state: z.literal('ready'), bytes: count, seconds: z.number().nonnegative(), downloadUrl: url }),
])

export const classPhase = z.object({ id, phase })

export const personCreated = z.object({ personId: id, token: z.string(), joinUrl: url })
export const joinPreview = z.object({
  title: z.string(),
  phase,
  languages: z.array(z.string()),
  recorded: z.boolean(),
})
export const joinedByCode = z.object({ personId: id, classId: id, token: z.string() })

export const joinAnswer = z.object({
  tier: z.enum(['seat', 'overflow', 'waiting']),
  personId: id,
  role: z.enum(['teacher', 'assistant', 'student']),
  gateway: z.object({ url, token: z.string() }),
  livekit: z.object({ url, token: z.string() }).optional(),
  broadcast: z.object({ playlistUrl: url, asideUrl: url.optional() }).optional(),
  seat: z
    .object({ state: z.enum(['held', 'offered']), offerId: id.optional(), until: timestamp.optional() })
    .optional(),
  waiting: z.object({ position: count }).optional(),
})

export const requestCreated = z.object({ requestId: id })

export const requestPage = z.object({
  items: z.array(
    z.object({
      requestId: id,
      kind: z.enum(['voice', 'text']),
      status: z.enum(['pending', 'approved', 'declined', 'answered', 'withdrawn']),
      personId: id,
      name: z.string(),
      text: z.string().optional(),
      language: z.string().optional(),
      anonymous: z.boolean(),
      published: z.boolean(),
      votes: count,
      madeAt: timestamp,
    }),
  ),
  next,
})

export const attendancePage = z.object({
  items: z.array(
    z.object({
      personId: id,
      name: z.string(),
      role: z.string(),
      firstJoinedAt: timestamp.nullable(),
      lastLeftAt: timestamp.nullable(),
      secondsPresent: count,
      secondsInSeat: count,
      secondsOnStage: count,
      requests: count,
    }),
  ),
  next,
})

export const factPage = z.object({
  items: z.array(z.looseObject({ seq: count, at: timestamp, type: z.string() })),
  next: z
    .string()
    .describe('Cursor after the last fact of this page: ask with it again, later, for what is new.'),
})

export const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string().optional(),
  code: z.string(),
  retryAfterMs: z.number().optional(),
})
