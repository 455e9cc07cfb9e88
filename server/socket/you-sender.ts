import { toMediaRights } from '../classroom/media-rights'
import type { ClassState } from '../classroom/state'
import { toYou } from '../classroom/to-you'
import type { You } from '../classroom/you'
import type { Logger } from '../log/class-logs'
import type { Access, YouFrame } from '../protocol/events'
import { type Frame, toFrame } from './fan-out'
import type { Member } from './member'
import { createSlices } from './turns'

/** Adds what a person needs to see and hear: tokens and URLs. Made by `server/people/access.ts`. */
export type AccessMaker = {
  forPerson(state: ClassState, you: You): Promise<Access>
  /** Where `you.connect` is false: there is nothing to wait for. */
  forViewer(state: ClassState, you: You): Access
}

/** Tokens are good for 5 minutes: one of up to a minute ago has enough of them left. */
const ACCESS_FRESH_MS = 60_000

export type YouSender = {
  /** Their `you` goes out before this returns, where that is possible; where not, soon. */
  tellNow(personId: string): boolean
  /** Their `you` goes out soon, of the state of then: marks in between make one frame. */
  mark(personId: string): void
  /** The same for many, behind all who are marked alone. */
  markMany(personIds: Iterable<string>): void
  close(): void
}

export type YouSenderDeps = {
  state(): ClassState
  membersOf(personId: string): readonly Member[] | undefined
  access: AccessMaker
  /** One of our URLs as it can be reached by whoever came by `host`. */
  toReachable(url: string, host: string | undefined): string
  now(): number
  logger: Logger
  /** What was sent, for those who compare. */
  onSent(you: You): void
}

/** Sends each person their `you`, one person after the other, so that states reach a person in their order. */
export function createYouSender(deps: YouSenderDeps): YouSender {
  const urgent = new Set<string>()
  const many = new Set<string>()
  const made = new Map<string, { key: string; at: number; access: Access }>()
  const slices = createSlices()
  /** Whose `you` waits for a token: another of the same person has to come after it. */
  let telling: string | null = null
  let running = false
  let closed = false

  function complain(err: unknown, personId: string) {
    deps.logger.error({ err, personId }, 'a person could not be told their own state')
  }

  async function findAccess(state: ClassState, you: You): Promise<Access> {
    const now = deps.now()
    const rights = toMediaRights(state, you.personId)
    const key = JSON.stringify([you.connect, you.watch, you.name, you.role, you.tier, rights])
    const known = made.get(you.personId)
    if (known?.key === key && known.at + ACCESS_FRESH_MS > now) return known.access
    const access = await deps.access.forPerson(state, you)
    made.set(you.personId, { key, at: now, access })
    return access
  }

  /** True if it is sent, false if that has to wait for a token. */
  function sendNow(state: ClassState, you: You): boolean {
    if (you.connect) return false
    // What thousands have, the way to the broadcast, is quicker made than kept.
    made.delete(you.personId)
    write(you, deps.access.forViewer(state, you))
    return true
  }

  async function send(personId: string) {
    if (!deps.membersOf(personId)) return void made.delete(personId)
    const state = deps.state()
    const you = toYou(state, personId)
    if (you && !sendNow(state, you)) write(you, await findAccess(state, you))
  }

  function write(you: You, access: Access) {
    const { connect: _connect, watch: _watch, ...rest } = you
    deps.onSent(you)
    let last: { host: string | undefined; frame: Frame } | undefined
    for (const { host, outlet } of deps.membersOf(you.personId) ?? []) {
      if (last?.host !== host || !last) {
        const reachable = toReachableAccess(access, (url) => deps.toReachable(url, host))
        last = { host, frame: toFrame('you', { ...rest, ...reachable } satisfies YouFrame) }
      }
      outlet.write(last.frame)
    }
  }

  async function run() {
    if (running) return
    running = true
    for (let next = takeFrom(urgent, many); next !== undefined && !closed; next = takeFrom(urgent, many)) {
      telling = next
      try {
        await send(next)
      } catch (err) {
        complain(err, next)
      }
      telling = null
      if (slices.isOver()) await slices.giveWay()
    }
    running = false
  }

  /** Not at once: a frame of facts that caused this is written first, and marks of one moment become one frame. */
  function start() {
    if (!running) queueMicrotask(run)
  }

  function mark(personId: string) {
    many.delete(personId)
    urgent.add(personId)
    start()
  }

  return {
    mark,
    tellNow(personId) {
      const state = deps.state()
      const you = toYou(state, personId)
      if (you && telling !== personId && deps.membersOf(personId) && sendNow(state, you)) return true
      mark(personId)
      return false
    },
    markMany(personIds) {
      for (const personId of personIds) if (!urgent.has(personId)) many.add(personId)
      start()
    },
    close() {
      closed = true
      made.clear()
    },
  }
}

function toReachableAccess({ livekit, broadcast }: Access, reach: (url: string) => string): Access {
  return {
    ...(livekit && { livekit: { ...livekit, url: reach(livekit.url) } }),
    ...(broadcast && {
      broadcast: {
        playlistUrl: reach(broadcast.playlistUrl),
        ...(broadcast.asideUrl && { asideUrl: reach(broadcast.asideUrl) }),
      },
    }),
  }
}

function takeFrom(...sets: Set<string>[]): string | undefined {
  for (const set of sets) {
    for (const personId of set) {
      set.delete(personId)
      return personId
    }
  }
  return undefined
}
