import { z } from 'zod'
import type { CommandName, PersonCommand } from '../classroom/commands'
import { type ErrorBody, toError } from './errors'
import type { GatewayCommandName, GatewayCommands, PayloadOf } from './events'
import { id, language, text, timestamp } from './fields'
import { settingsChange } from './settings'

/** A few words to a raised hand: read in a list of hundreds. */
const HAND_CHARACTERS = 500
const QUESTION_CHARACTERS = 2000
const CHAT_CHARACTERS = 2000
const REASON_CHARACTERS = 200
/** The error of a device check, for the teacher to read. */
const STEP_ERROR_CHARACTERS = 200
const CAPTION_CHARACTERS = 500
const SCREEN_CHARACTERS = 2000
const SCREEN_TRANSLATIONS = 20
/** All languages of a screen together, in UTF-16 units: at most 3 bytes each, so it fits a frame of 64 kB. */
const SCREEN_UNITS = 16_000
/** A player that says more is broken; a day is longer than any class. */
const DELAY_LIMIT_MS = 24 * 3_600_000
const STALLS_LIMIT = 10_000
const LEVEL_LIMIT = 100
const MUTE_LIMIT_MINUTES = 24 * 60
const SPEAKING_LIMIT_SECONDS = 3600

const nothing = z.strictObject({})
const request = z.strictObject({ requestId: id })
const person = z.strictObject({ personId: id })
const invitation = z.strictObject({ invitationId: id })
const offer = z.strictObject({ offerId: id })

const screen = z
  .strictObject({
    requestId: id.optional(),
    text: text(SCREEN_CHARACTERS).optional(),
    language: language.optional(),
    translations: z.record(language, text(SCREEN_CHARACTERS)).optional(),
  })
  .refine(
    ({ requestId, text, language }) =>
      requestId !== undefined || (text !== undefined && language !== undefined),
    { message: 'needs requestId, or text and language' },
  )
  .refine(({ translations }) => Object.keys(translations ?? {}).length <= SCREEN_TRANSLATIONS, {
    message: `more than ${SCREEN_TRANSLATIONS} translations`,
    path: ['translations'],
  })
  .refine(
    ({ text, translations }) =>
      [text ?? '', ...Object.values(translations ?? {})].join('').length <= SCREEN_UNITS,
    { message: `more than ${SCREEN_UNITS} characters in all`, path: ['translations'] },
  )

/** What each command takes besides `id`: PROTOCOL.md has the table. Unknown fields are refused. */
export const commandSchemas = {
  'person:join': nothing,
  'person:leave': nothing,
  'hand:raise': z.strictObject({
    text: text(HAND_CHARACTERS).optional(),
    language: language.optional(),
    sawAt: timestamp.optional(),
  }),
  'question:ask': z.strictObject({
    text: text(QUESTION_CHARACTERS),
    language: language.optional(),
    sawAt: timestamp.optional(),
    anonymous: z.boolean().optional(),
  }),
  'request:withdraw': request,
  'request:vote': request,
  'request:unvote': request,
  'request:publish': request,
  'request:decline': request,
  'request:answer': request,
  'request:merge': z.strictObject({ requestId: id, into: id }),
  'hand:lower-all': nothing,
  'stage:invite': z.strictObject({
    personId: id,
    grade: z.enum(['audio', 'video']),
    requestId: id.optional(),
  }),
  'stage:cancel': invitation,
  'stage:progress': z.strictObject({
    invitationId: id,
    step: z.enum(['checking', 'ready', 'blocked']),
    error: text(STEP_ERROR_CHARACTERS).optional(),
  }),
  'stage:accept': invitation,
  'stage:decline': invitation,
  'stage:leave': nothing,
  'stage:remove': person,
  'stage:mute': person,
  'stage:pin': z.strictObject({ personId: id.nullable() }),
  'stage:time': z.strictObject({
    personId: id,
    seconds: z.number().int().min(1).max(SPEAKING_LIMIT_SECONDS),
  }),
  'screen:show': screen,
  'screen:clear': nothing,
  'seat:accept': offer,
  'seat:decline': offer,
  'seat:want': z.strictObject({ want: z.boolean() }),
  'seat:release': nothing,
  'seat:give': person,
  'seat:take': person,
  'person:admit': z
    .strictObject({ personId: id.optional(), all: z.literal(true).optional() })
    .refine(({ personId, all }) => (personId === undefined) !== (all === undefined), {
      message: 'needs either personId or all',
    }),
  'person:deny': person,
  'person:remove': z.strictObject({ personId: id, reason: text(REASON_CHARACTERS).optional() }),
  'person:role': z.strictObject({ personId: id, role: z.enum(['teacher', 'assistant', 'student']) }),
  'chat:send': z.strictObject({ text: text(CHAT_CHARACTERS) }),
  'chat:remove': z.strictObject({ messageId: id }),
  'chat:mute': z.strictObject({ personId: id, minutes: z.number().min(0).max(MUTE_LIMIT_MINUTES) }),
  'caption:say': z.strictObject({ text: text(CAPTION_CHARACTERS), language, final: z.boolean() }),
  'class:start': nothing,
  'class:end': nothing,
  'class:quiet': z.strictObject({ on: z.boolean() }),
  'class:settings': settingsChange,
} satisfies { [N in CommandName]: z.ZodType<PayloadOf<N>> }

const gatewaySchemas = {
  'playback:report': z.strictObject({
    delayMs: z.number().min(0).max(DELAY_LIMIT_MS).optional(),
    stalls: z.number().int().min(0).max(STALLS_LIMIT),
    level: z.number().int().min(-1).max(LEVEL_LIMIT),
    following: z.boolean(),
  }),
  'person:takeover': nothing,
} satisfies { [N in GatewayCommandName]: z.ZodType<GatewayCommands[N]> }

export type GatewayCommand = {
  [N in GatewayCommandName]: { name: N } & GatewayCommands[N]
}[GatewayCommandName]

type Parsed =
  | { ok: true; to: 'class'; id: string; command: PersonCommand }
  | { ok: true; to: 'gateway'; id: string; command: GatewayCommand }
  | { ok: false; error: ErrorBody }

const uuid = z.uuid()
const schemas: Readonly<Record<string, z.ZodType>> = { ...commandSchemas, ...gatewaySchemas }

/** An event of a socket, untrusted, to a command; never throws. */
export function parseCommand(name: string, payload: unknown): Parsed {
  const schema = Object.hasOwn(schemas, name) ? schemas[name] : undefined
  if (!schema) return { ok: false, error: toError('unknown_command') }
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) {
    return { ok: false, error: toError('bad_payload', { detail: 'The payload is not an object.' }) }
  }
  const { id: givenId, ...rest } = payload as Record<string, unknown>
  const commandId = uuid.safeParse(givenId)
  if (!commandId.success) {
    return { ok: false, error: toError('bad_payload', { detail: 'id: not a UUID' }) }
  }
  const result = schema.safeParse(rest)
  if (!result.success) return { ok: false, error: toBadPayload(result.error) }
  const command = { name, ...(result.data as object) }
  const parsed = { ok: true as const, id: commandId.data.toLowerCase() }
  return Object.hasOwn(gatewaySchemas, name)
    ? { ...parsed, to: 'gateway', command: command as GatewayCommand }
    : { ...parsed, to: 'class', command: command as PersonCommand }
}

/** The first thing that is wrong, by its path; the given value is not repeated. */
function toBadPayload(error: z.ZodError): ErrorBody {
  const [issue] = error.issues
  const path = issue?.path.map(String).join('.').slice(0, 64)
  const words = issue?.message.slice(0, 200) ?? 'not valid'
  return toError('bad_payload', { detail: path ? `${path}: ${words}` : words })
}
