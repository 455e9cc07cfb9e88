import { randomBytes } from 'node:crypto'
import type { Envelope } from '../classroom/commands'
import type { Context } from '../classroom/decision'
import { isWoundUp } from '../classroom/lifecycle'
import type { Logger } from '../logger'
import { createBus } from '../redis/bus'
import { createClock } from '../redis/clock'
import { connectRedis, untilReady } from '../redis/connect'
import { openClassesKey, topicChannel } from '../redis/names'
import { publish } from '../redis/publish'
import type { FactArchive } from './archive'
import { createCaretaker } from './caretaker'
import { createEraseDesk } from './erase-person'
import type { Follower } from './follow'
import type { FollowedClass } from './followed-class'
import { createFollowers, type Opened } from './followers'
import { createLeadership } from './leadership'
import { UNAVAILABLE_RETRY_MS } from './limits'
import type { Outcome } from './outcome'
import { createPassing } from './passing'
import { classRules, type Rules } from './rules'
import { createScribe, type ScribeStatus } from './scribe'
import { submitTo } from './submit'
import { type Timing, timing as usualTiming } from './timing'

export type { Logger } from '../logger'
export type { ArchiveBatch, Checkpoint, FactArchive } from './archive'
export type { Batch, ClassEvent, ClassListener, FollowedClass } from './followed-class'
export type { Head } from './head'
export type { Outcome } from './outcome'
export type { Rules } from './rules'

export type LogStatus = {
  redis: 'up' | 'down'
  classesFollowed: number
  classesLed: number
  scribe: ScribeStatus
  clockOffsetMs: number
}

/** All logs of classes, as one process sees them. Nothing here throws because Redis or the archive is away. */
export interface ClassLogs {
  readonly processId: string
  /** Submits the first command of a class, `class:create`. A resend gives the same outcome. */
  create(classId: string, envelope: Envelope): Promise<Outcome>
  /**
   * Shared by everybody in this process, and kept while anybody listens and a minute longer. null: there is no such
   * class, or (see `status`) it cannot be loaded now.
   */
  follow(classId: string): Promise<FollowedClass | null>
  /** The same, with the reason why not: only `unknown_class` is for ever. */
  find(classId: string): Promise<FollowedClass | 'unknown_class' | 'unavailable'>
  /**
   * Decided here where this process leads or nobody does; else passed on to the leader. Settles within seconds. When
   * it answers `ok`, a followed class of this process has the facts. Throws what the rules throw: a fault.
   */
  submit(classId: string, envelope: Envelope): Promise<Outcome>
  /**
   * Takes a person's name and words out of a class and its log, see RULES.md [LOG7]. `ok` when nothing of them is left
   * anywhere; what a crash or a store that is away has interrupted goes on by itself. May be called again.
   */
  erase(classId: string, personId: string): Promise<Outcome>
  /** Server time, ms: the clock of Redis, the same in every process. */
  now(): number
  /**
   * The classes led by this process, now and from now on: for the director and the reconciler. Listening to what is
   * given here does not keep a class loaded.
   */
  onLead(listener: (followed: FollowedClass, leading: boolean) => void): () => void
  /** A small bus to all processes, this one included. At most once, in order per sender, never stored. */
  publishToProcesses(topic: string, message: unknown): Promise<void>
  onProcessMessage(topic: string, listener: (message: unknown, from: string) => void): () => void
  status(): LogStatus
  /** Drains: answers what is queued, hands leases over, writes out the scribe. */
  close(): Promise<void>
}

export type ClassLogsDeps = {
  redisUrl: string
  archive: FactArchive
  logger: Logger
  newId: (prefix: string) => string
  rules?: Rules
  /** For tests that cannot wait. */
  timing?: Partial<Timing>
}

const unavailable: Outcome = { ok: false, kind: 'unavailable', retryAfterMs: UNAVAILABLE_RETRY_MS }

/** 72 bits: two appends never have the same. */
const newNonce = () => randomBytes(9).toString('base64url')

/** Resolves when the clock is set, or without Redis after a few seconds: it may come later. */
export async function createClassLogs(deps: ClassLogsDeps): Promise<ClassLogs> {
  const { archive, logger, rules = classRules } = deps
  const timing = { ...usualTiming, ...deps.timing }
  const processId = deps.newId('prc')
  const newId: Context['newId'] = deps.newId
  const redis = connectRedis(deps.redisUrl, logger)
  const subscriber = connectRedis(deps.redisUrl, logger)
  const bus = createBus(subscriber, logger)
  const clock = createClock(redis)
  const leadListeners = new Set<(followed: FollowedClass, leading: boolean) => void>()
  let closing = false

  const scribe = createScribe({ redis, archive, rules, logger, timing, now: clock.now })
  const leadership = createLeadership({
    ...{ redis, rules, logger, newId, newNonce, processId, timing, scribe, now: clock.now },
    onLead(follower, leading) {
      for (const listener of leadListeners) listener(follower.companion, leading)
    },
  })
  const followers = createFollowers({
    ...{ redis, archive, rules, logger, bus, timing, newNonce },
    patienceMs: (classId) => (leadership.remembers(classId) ? 0 : timing.followerPatienceMs),
    onBegun(classId, begun) {
      scribe.begun(classId, begun)
      // The list of classes that somebody has to lead may be lost as well.
      if (!isWoundUp(begun.checkpoint.state)) redis.sadd(openClassesKey, classId).catch(() => {})
    },
    onFree(follower) {
      // One that is wound up was handed back because nobody has to lead it; the caretaker knows if somebody has to.
      if (!closing && !isWoundUp(follower.state)) void leadership.take(follower)
    },
  })
  const passing = await createPassing({
    ...{ redis, bus, processId, logger },
    timeoutMs: timing.passTimeoutMs,
    decide: async (classId, envelope) => leadership.find(classId)?.submit(envelope) ?? 'lost',
  })
  const caretaker = createCaretaker({
    ...{ redis, logger, intervalMs: timing.caretakerMs },
    leads: (classId) => leadership.find(classId) !== null,
    async lead(classId) {
      const opened = await followers.open(classId)
      if (typeof opened === 'object') await leadership.take(opened)
      return opened !== 'unknown_class'
    },
  })

  function poll() {
    followers.poll()
    for (const follower of followers.all()) if (isOver(follower)) void leadership.release(follower.classId)
  }

  /** Nobody has to lead a class for long that is wound up: whoever commands it once more takes the lead again. */
  function isOver({ leading, state }: Follower): boolean {
    return leading && isWoundUp(state) && clock.now() - state.at > timing.idleMs
  }

  async function recover() {
    await clock.measure().catch((error) => logger.warn({ err: error }, 'The clock could not be measured'))
    followers.poll()
    await leadership.confirm().catch(() => {})
    await caretaker.look().catch(() => {})
  }

  const underWay = new Set<Promise<Outcome>>()
  function submitOnce(opening: () => Promise<Opened>, envelope: Envelope): Promise<Outcome> {
    if (closing) return Promise.resolve(unavailable)
    const outcome = opening().then((opened) => submitWith(opened, envelope))
    underWay.add(outcome)
    return outcome.finally(() => underWay.delete(outcome))
  }

  async function find(classId: string): Promise<Opened> {
    const opened = await followers.open(classId)
    return typeof opened === 'object' && opened.head.epoch === 0 ? 'unknown_class' : opened
  }

  async function submitWith(opened: Opened, envelope: Envelope): Promise<Outcome> {
    if (opened === 'unknown_class') return { ok: false, kind: 'unknown_class' }
    if (opened === 'unavailable') return unavailable
    const isNew = opened.head.epoch === 0 && envelope.command.name !== 'class:create'
    if (isNew) return { ok: false, kind: 'unknown_class' }
    return submitTo({ redis, leadership, passing, timing }, opened, envelope)
  }

  const submit: ClassLogs['submit'] = (classId, envelope) =>
    submitOnce(() => followers.open(classId), envelope)
  const eraseDesk = createEraseDesk({ archive, logger, submit, open: followers.open })
  const goOnErasing = () => void (closing || eraseDesk.goOn().catch(() => {}))

  const timers = [setInterval(poll, timing.pollMs), setInterval(goOnErasing, timing.erasureMs)]
  for (const timer of timers) timer.unref()
  if (await untilReady(redis, timing.startPatienceMs)) await clock.measure().catch(() => {})
  await untilReady(subscriber, timing.startPatienceMs)
  redis.on('ready', () => void recover())

  return {
    processId,
    create: (classId, envelope) => submitOnce(() => followers.openNew(classId), envelope),
    async follow(classId) {
      const found = await find(classId)
      return typeof found === 'object' ? found : null
    },
    find,
    submit,
    erase: (classId, personId) => eraseDesk.erase({ classId, personId }),
    now: clock.now,
    onLead(listener) {
      leadListeners.add(listener)
      for (const follower of followers.all()) if (follower.leading) listener(follower.companion, true)
      return () => leadListeners.delete(listener)
    },
    async publishToProcesses(topic, message) {
      await publish(redis, topicChannel(topic), JSON.stringify({ from: processId, message })).catch((error) =>
        logger.debug({ err: error, topic }, 'A message to the processes was lost'),
      )
    },
    onProcessMessage(topic, listener) {
      const listening = bus.listen(topicChannel(topic), (text) => {
        const { from, message } = JSON.parse(text) as { from: string; message: unknown }
        listener(message, from)
      })
      return () => void listening.then((stop) => stop())
    },
    status: () => ({
      redis: redis.status === 'ready' ? 'up' : 'down',
      classesFollowed: followers.all().length,
      classesLed: leadership.count,
      scribe: scribe.status(),
      clockOffsetMs: clock.offsetMs,
    }),
    async close() {
      closing = true
      for (const timer of timers) clearInterval(timer)
      clock.stop()
      caretaker.close()
      await Promise.allSettled(underWay)
      await leadership.close()
      passing.close()
      await scribe.close()
      followers.closeAll()
      bus.close()
      redis.disconnect()
    },
  }
}
