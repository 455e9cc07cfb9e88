import { z } from 'zod'
import { language } from './fields'

/** More students than this in one LiveKit room is beyond what one node carries; the overflow has no limit. */
const SEATS_LIMIT = 10_000
/** Publishers that every seat subscribes to. */
const STAGE_LIMIT = 50
/** Each language is an audience with frames of its own. */
const LANGUAGES_LIMIT = 20

const settings = z.strictObject({
  seats: z.number().int().min(0).max(SEATS_LIMIT),
  stageLimit: z.number().int().min(0).max(STAGE_LIMIT),
  lobby: z.boolean(),
  entry: z.enum(['open', 'locked']),
  policy: z.enum(['first', 'not-yet-spoken', 'random']),
  showPositions: z.boolean(),
  approveQuestions: z.boolean(),
  chat: z.enum(['open', 'slow', 'off']),
  recording: z.enum(['on', 'off']),
})

/** What may change while a class goes on. */
export const settingsChange = settings.partial()

/** What a class may be made with; what is absent is as `defaultSettings` says. */
export const settingsAtCreation = settings.partial().extend({
  languages: z
    .array(language)
    .min(1)
    .max(LANGUAGES_LIMIT)
    .refine((tags) => new Set(tags).size === tags.length, 'a language twice')
    .optional(),
})
