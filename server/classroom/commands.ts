import type { Role } from './people'
import type { ClassSettings } from './settings'
import type { Grade, InvitationStep, Picture, RunEnd } from './state'

/** One command a name, with the same payload. */
type Each<N extends string, Payload = unknown> = N extends unknown ? { name: N } & Payload : never

/** What people ask of a class: PROTOCOL.md has the table. */
export type PersonCommand =
  | { name: 'person:join' }
  | { name: 'person:leave' }
  | { name: 'hand:raise'; text?: string; language?: string; sawAt?: number }
  | { name: 'question:ask'; text: string; language?: string; sawAt?: number; anonymous?: boolean }
  | Each<'request:withdraw' | 'request:vote' | 'request:unvote', { requestId: string }>
  | Each<'request:publish' | 'request:decline' | 'request:answer', { requestId: string }>
  | { name: 'request:merge'; requestId: string; into: string }
  | { name: 'hand:lower-all' }
  | { name: 'stage:invite'; personId: string; grade: Grade; requestId?: string }
  | Each<'stage:cancel' | 'stage:accept' | 'stage:decline', { invitationId: string }>
  | { name: 'stage:progress'; invitationId: string; step: Exclude<InvitationStep, 'invited'>; error?: string }
  | { name: 'stage:leave' }
  | Each<'stage:remove' | 'stage:mute', { personId: string }>
  | { name: 'stage:pin'; personId: string | null }
  | { name: 'stage:time'; personId: string; seconds: number }
  | {
      name: 'screen:show'
      requestId?: string
      text?: string
      language?: string
      translations?: Record<string, string>
    }
  | { name: 'screen:clear' }
  | Each<'seat:accept' | 'seat:decline', { offerId: string }>
  | { name: 'seat:want'; want: boolean }
  | { name: 'seat:release' }
  | Each<'seat:give' | 'seat:take', { personId: string }>
  | { name: 'person:admit'; personId?: string; all?: boolean }
  | { name: 'person:deny'; personId: string }
  | { name: 'person:remove'; personId: string; reason?: string }
  | { name: 'person:role'; personId: string; role: Role }
  | { name: 'chat:send'; text: string }
  | { name: 'chat:remove'; messageId: string }
  | { name: 'chat:mute'; personId: string; minutes: number }
  | { name: 'caption:say'; text: string; language: string; final: boolean }
  | Each<'class:start' | 'class:end'>
  | { name: 'class:quiet'; on: boolean }
  | ({ name: 'class:settings' } & Partial<
      Pick<
        ClassSettings,
        | 'seats'
        | 'stageLimit'
        | 'lobby'
        | 'entry'
        | 'policy'
        | 'showPositions'
        | 'approveQuestions'
        | 'chat'
        | 'recording'
      >
    >)

/** What Amphi's own parts ask of a class: never accepted from a socket. */
export type SystemCommand =
  | { name: 'class:create'; orgId: string; title: string; code: string; settings: ClassSettings }
  | { name: 'person:register'; personId: string; displayName: string; role: Role; language: string }
  /** Their name and their words leave the class, and the log is rewritten without them. */
  | { name: 'person:erase'; personId: string }
  /** Their last connection is gone for longer than the grace. */
  | { name: 'person:gone'; personId: string }
  /** Deadlines of offers, invitations and speakers on their way that have passed are carried out. */
  | { name: 'deadlines:pass' }
  /** LiveKit has them in the room, able to publish; or has not any more. */
  | { name: 'stage:seen'; personId: string; present: boolean }
  | { name: 'broadcast:run'; runId: string; previousEnd?: RunEnd; skip?: number }
  | { name: 'broadcast:standby'; runId: string }
  | { name: 'broadcast:seen'; runId: string }
  | { name: 'broadcast:stop'; end?: RunEnd }
  | {
      name: 'broadcast:picture'
      runId: string
      main: Picture | null
      aside: Picture | null
      /** From when on, server time, ms. */
      at: number
    }
  /** By HTTP, as a class that has ended has no gateway. */
  | { name: 'recording:delete'; reason?: 'asked' | 'kept' }

export type Command = PersonCommand | SystemCommand
export type CommandName = PersonCommand['name']
export type CommandOf<N extends Command['name']> = Extract<Command, { name: N }>

/** `api` is the school's key acting for the class, with the rights of a teacher. */
export type Actor = { kind: 'person'; personId: string } | { kind: 'api' } | { kind: 'system' }
/** `id`: chosen by the sender; together with a person it names the command for ever. */
export type Envelope = { id: string; by: Actor; command: Command }
