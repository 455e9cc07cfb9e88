import type { Logger } from 'pino'
import type { Envelope } from '../classroom/commands'
import type { Fact } from '../classroom/facts'
import { toMediaRights } from '../classroom/media-rights'
import type { ClassEvent, FollowedClass } from '../log/followed-class'
import { createLoop } from '../loop'
import { type Correction, emptyMemory, type Memory, mayHandOver, toCorrections } from './corrections'
import { toRoomMetadata } from './room-metadata'
import type { Rooms } from './rooms'

export type CorrectionKind = 'rights' | 'remove' | 'mute' | 'joined' | 'gone' | 'pinned' | 'failed'

export type ReconcilerDeps = {
  rooms: Rooms
  submit(classId: string, envelope: Envelope): Promise<{ ok: boolean }>
  /** Server time, ms. */
  now(): number
  newId(): string
  logger: Logger
  /** Who is in LiveKit's room: for presence. */
  seen?(classId: string, personIds: readonly string[]): void
  count(kind: CorrectionKind): void
}

/** "Every few seconds": what a lost webhook costs at most. */
const LIVE_PASS_MS = 3_000
/** Somebody is on their way to the stage: their picture waits for us. */
const CONNECTING_PASS_MS = 1_000
/** Before the class only staff rehearse; webhooks and facts bring the rest. */
const DRAFT_PASS_MS = 30_000
/** One join makes several webhooks at once; LiveKit's own store follows its webhooks by some tens of ms. */
const DEBOUNCE_MS = 150
/** In a storm of joins the passes over a large room take a small part of the time only. */
const PASS_SHARE = 5
/** Pages show the end of the class and disconnect by themselves; the recorders stop. */
const END_GRACE_MS = 10_000
const FIRST_RETRY_MS = 1_000
const LAST_RETRY_MS = 15_000

/** Keeps LiveKit's room of one class equal to the log while this process leads it. */
export type ClassReconciler = {
  /** Something may have changed there: look soon. */
  nudge(): void
  stop(): void
}

export function createClassReconciler(led: FollowedClass, deps: ReconcilerDeps): ClassReconciler {
  const logger = deps.logger.child({ classId: led.classId })
  let memory: Memory = emptyMemory
  let stopped = false
  let retryMs = 0
  let passTookMs = 0
  let pinning = Promise.resolve()
  const busy = new Map<string, { again: boolean }>()

  const acts = () => !stopped && led.leading

  const loop = createLoop(() => (acts() ? pass().then(succeed, fall) : Promise.resolve(null)))

  function succeed(): number | null {
    if (retryMs > 0) logger.info('LiveKit answers again')
    retryMs = 0
    return passMs()
  }

  function fall(error: unknown): number {
    deps.count('failed')
    if (retryMs === 0) logger.warn({ err: error }, 'LiveKit does not answer; trying again')
    // People are not away because LiveKit is: graces start anew when it is back.
    memory = { ...memory, ready: new Map(), away: new Map() }
    retryMs = Math.min(LAST_RETRY_MS, retryMs * 2 || FIRST_RETRY_MS)
    return retryMs
  }

  function passMs(): number | null {
    switch (led.state.phase) {
      case 'draft':
        return DRAFT_PASS_MS
      case 'live': {
        const connecting = Object.values(led.state.stage).some((speaker) => speaker.state === 'connecting')
        return connecting ? CONNECTING_PASS_MS : LIVE_PASS_MS
      }
      case 'ended':
        return null
    }
  }

  async function pass(): Promise<void> {
    const { state } = led
    if (state.phase === 'ended') {
      const leftMs = (state.endedAt ?? 0) + END_GRACE_MS - deps.now()
      if (leftMs > 0) loop.lookIn(leftMs)
      else await deps.rooms.delete(led.classId)
      return
    }
    const begunAt = performance.now()
    const present = await deps.rooms.listPresent(led.classId)
    passTookMs = performance.now() - begunAt
    if (!acts()) return
    deps.seen?.(
      led.classId,
      present.map(({ personId }) => personId),
    )
    if (state.phase === 'live' && present.length === 0) await deps.rooms.ensure(led.classId, state.settings)
    const found = toCorrections(led.state, present, memory, deps.now())
    memory = found.memory
    const done = await Promise.allSettled(found.corrections.map((correction) => carryOut(correction)))
    await tellPinned()
    const failed = done.find((outcome) => outcome.status === 'rejected')
    if (failed) throw failed.reason
  }

  async function carryOut(correction: Correction): Promise<void> {
    if (!acts()) return
    logger.info({ correction }, 'correcting the room')
    switch (correction.kind) {
      case 'seen': {
        const { personId, present } = correction
        deps.count(present ? 'joined' : 'gone')
        await submit({ name: 'stage:seen', personId, present })
        return
      }
      case 'remove':
        deps.count('remove')
        await deps.rooms.remove(led.classId, correction.personId)
        return
      case 'rights':
        deps.count('rights')
        await correctPerson(correction.personId)
    }
  }

  /** One request a person at a time, each made from the newest state: an older right can never arrive last. */
  async function correctPerson(personId: string): Promise<void> {
    const already = busy.get(personId)
    if (already) {
      already.again = true
      return
    }
    const turn = { again: true }
    busy.set(personId, turn)
    try {
      while (turn.again && acts()) {
        turn.again = false
        const rights = toMediaRights(led.state, personId)
        if (rights.mayConnect || mayHandOver(led.state, personId)) {
          await deps.rooms.setRights(led.classId, personId, rights)
        } else {
          await deps.rooms.remove(led.classId, personId)
        }
      }
    } finally {
      busy.delete(personId)
    }
  }

  /** Of the newest state, one request after another: an older pin can never arrive last. */
  function tellPinned(): Promise<void> {
    const tell = async () => {
      if (!acts()) return
      const metadata = toRoomMetadata(led.state.pinned)
      if ((await deps.rooms.setMetadata(led.classId, metadata)) === 'done') deps.count('pinned')
    }
    pinning = pinning.then(tell, tell)
    return pinning
  }

  async function submit(command: Envelope['command']): Promise<void> {
    const outcome = await deps.submit(led.classId, { id: deps.newId(), by: { kind: 'system' }, command })
    if (!outcome.ok) logger.debug({ command, outcome }, 'not accepted; the next pass asks again')
  }

  /** Rights follow a fact at once, without asking first who is there. */
  function followFact(fact: Fact): void {
    switch (fact.type) {
      case 'stage.accepted':
      case 'stage.left':
      case 'person.left':
      case 'person.removed':
      case 'person.changed':
      case 'seat.released':
        quickly(correctPerson(fact.personId))
        loop.lookIn(CONNECTING_PASS_MS)
        return
      case 'stage.muted':
        deps.count('mute')
        quickly(deps.rooms.muteMicrophone(led.classId, fact.personId))
        return
      case 'class.started':
      case 'class.ended':
        loop.lookIn(0)
    }
  }

  function quickly(request: Promise<unknown>): void {
    request.catch((error: unknown) => {
      logger.debug({ err: error }, 'a quick correction failed; the next pass repeats it')
      loop.lookIn(FIRST_RETRY_MS)
    })
  }

  const unlisten = led.listen((event: ClassEvent) => {
    switch (event.kind) {
      case 'batch':
        if (!acts()) return
        for (const fact of event.batch.facts) followFact(fact)
        if (event.batch.before.pinned !== event.batch.after.pinned) quickly(tellPinned())
        return
      case 'lead':
        memory = emptyMemory
        if (event.leading) loop.lookIn(0)
        return
      case 'epoch':
        loop.lookIn(0)
        return
      case 'closed':
        stop()
    }
  })

  function stop(): void {
    stopped = true
    loop.stop()
    unlisten()
  }

  loop.lookIn(0)
  return { nudge: () => loop.lookIn(Math.max(DEBOUNCE_MS, PASS_SHARE * passTookMs)), stop }
}
