import type { Fact } from '../classroom/facts'
import type { ClassState } from '../classroom/state'
import type { Logger } from '../logger'
import type { ClassEvent, ClassListener, FollowedClass } from './followed-class'
import { type Head, sameHead } from './head'
import type { History } from './history'
import { loadHistory } from './load'
import { type Entry, parseEntries, type Read, readAfter, readBetween } from './read'
import {
  type Begun,
  continueAbove,
  continueAs,
  continueFrom,
  isBehind,
  type RecoverDeps,
  rebuildFromArchive,
} from './recover'

export type CaughtUp = 'current' | 'unavailable' | 'closed'

/** A class in the memory of this process. */
export interface Follower extends FollowedClass {
  readonly history: History
  readonly closed: boolean
  /** Somebody listens who wants the class to stay loaded. */
  readonly held: boolean
  /** The same class for those who only go along with it: their listening does not keep it loaded. */
  readonly companion: FollowedClass
  /** Reads what Redis has beyond this. A call during a read waits for another one. */
  catchUp(): Promise<CaughtUp>
  /** Takes over what a script has read for the leader. */
  absorb(read: Read): Promise<CaughtUp>
  /** The leader's own facts, evolved already. */
  advance(entries: readonly Entry[], head: Head, states: readonly ClassState[]): void
  setLeading(leading: boolean): void
  /** The archive has more of the class than Redis: goes on from there. */
  rebuild(): Promise<CaughtUp>
  /** Begins an epoch without the history before, and with the state as `change` makes it; nothing if that is the same. */
  rewrite(change: (state: ClassState) => ClassState): Promise<CaughtUp>
  /** The archive went another way than Redis: a new epoch above both. */
  fork(archived: Head): Promise<CaughtUp>
  close(reason: 'upgrade' | 'gone'): void
}

export type FollowDeps = RecoverDeps & {
  logger: Logger
  /** How long to wait for those who may know more, before speaking for the lost history. */
  patienceMs(classId: string): number
  onBegun(classId: string, begun: Extract<Begun, { kind: 'begun' }>): void
}

export function createFollower(deps: FollowDeps, classId: string, history: History): Follower {
  const { redis, rules, archive, logger } = deps
  const listeners = new Set<ClassListener>()
  let holders = 0
  let leading = false
  let closed = false
  let running: Promise<CaughtUp> | null = null
  let again = false

  function emit(event: ClassEvent) {
    for (const listener of [...listeners]) {
      try {
        listener(event)
      } catch (error) {
        logger.error({ err: error, classId }, 'A listener of a class failed')
      }
    }
  }

  function close(reason: 'upgrade' | 'gone') {
    if (closed) return
    closed = true
    if (reason === 'upgrade')
      logger.error({ classId }, 'A newer Amphi wrote this class: it is not served here')
    emit({ kind: 'closed', reason })
    listeners.clear()
    holders = 0
  }

  function listen(listener: ClassListener): () => void {
    if (closed) {
      listener({ kind: 'closed', reason: 'gone' })
      return () => {}
    }
    // Wrapped: the same function may listen twice.
    const own: ClassListener = (event) => listener(event)
    listeners.add(own)
    return () => listeners.delete(own)
  }

  function hold(listener: ClassListener): () => void {
    const stop = listen(listener)
    let holds = !closed
    if (holds) holders++
    return () => {
      if (holds && !closed) holders--
      holds = false
      stop()
    }
  }

  function reset(state: ClassState, head: Head) {
    logger.warn({ classId, from: history.head, to: head }, 'A new epoch')
    history.reset(state, head)
    emit({ kind: 'epoch', state, head })
  }

  /** True: look again. */
  async function take(read: Read, from: Head): Promise<boolean> {
    if (!sameHead(history.head, from)) return true // moved meanwhile: the read answers another question
    switch (read.kind) {
      case 'entries': {
        const entries = parseEntries(rules, read.entries)
        if (entries === 'unknown') {
          close('upgrade')
          return false
        }
        if (entries.length === 0) return false
        emit({ kind: 'batch', batch: history.advance(entries, read.head.epoch) })
        return history.head.seq < read.head.seq
      }
      case 'trimmed':
        return reload()
      case 'foreign':
        if (read.head.epoch > from.epoch && read.head.seq >= from.seq) return reload()
        return recover(read.head, from)
      case 'none':
        return from.epoch > 0 && recover(null, from)
    }
  }

  async function reload(): Promise<boolean> {
    const loaded = await loadHistory(redis, archive, rules, classId)
    if (loaded.kind === 'unknown_fact') close('upgrade')
    if (loaded.kind !== 'loaded') return loaded.kind === 'none'
    if (loaded.history.head.seq < history.head.seq) return true // lost again since
    if (!sameHead(loaded.history.head, history.head)) reset(loaded.history.state, loaded.history.head)
    return false
  }

  async function recover(found: Head | null, from: Head): Promise<boolean> {
    const patienceMs = deps.patienceMs(classId)
    if (patienceMs > 0) {
      await new Promise((resolve) => setTimeout(resolve, patienceMs))
      const read = await readAfter(redis, classId, from)
      const unchanged = read.kind === 'none' ? found === null : found && sameHead(read.head, found)
      if (!unchanged || closed) return !closed
    }
    return begun(await speak(found))
  }

  /** Memory or archive, whichever has more of what Redis lacks. */
  async function speak(found: Head | null): Promise<Begun> {
    if (!found || isBehind(history, found)) {
      const archived = await archive.findPosition(classId).catch(() => null)
      const more = archived?.epoch === history.head.epoch && archived.seq > history.head.seq
      if (more) return rebuildFromArchive(deps, classId, found)
    }
    return continueFrom(deps, classId, history, found)
  }

  function begun(begun: Begun): boolean {
    switch (begun.kind) {
      case 'begun':
        deps.onBegun(classId, begun)
        reset(begun.checkpoint.state, begun.checkpoint.head)
        return false
      case 'changed':
        return true
      case 'unknown_fact':
        close('upgrade')
        return false
      case 'gone':
        close('gone')
        return false
    }
  }

  async function settle(first: () => Promise<boolean>): Promise<CaughtUp> {
    try {
      let more = await first()
      while ((more || again) && !closed) {
        again = false
        const from = history.head
        more = await take(await readAfter(redis, classId, from), from)
      }
      return closed ? 'closed' : 'current'
    } catch (error) {
      logger.debug({ err: error, classId }, 'Could not read the log')
      return 'unavailable'
    } finally {
      // Here and not later: nobody may join a read that is over.
      running = null
      again = false
    }
  }

  /** One reader at a time: whoever comes later is answered by a read that begins after their call. */
  function enter(first: () => Promise<boolean>): Promise<CaughtUp> {
    if (closed) return Promise.resolve('closed')
    if (running) again = true
    running ??= settle(first)
    return running
  }

  const follower: Follower = {
    classId,
    history,
    get state() {
      return history.state
    },
    get head() {
      return history.head
    },
    get leading() {
      return leading
    },
    get closed() {
      return closed
    },
    get held() {
      return holders > 0
    },
    get companion() {
      return companion
    },
    listen: hold,
    async factsAfter(epoch, seq): Promise<Fact[] | null> {
      const { head } = history
      if (epoch !== head.epoch || seq > head.seq) return null
      const remembered = history.entriesAfter(seq)
      if (remembered) return remembered.map((e) => e.fact)
      const raw = await readBetween(redis, classId, { afterSeq: seq, head }).catch(() => null)
      const entries = raw && parseEntries(rules, raw)
      return entries && entries !== 'unknown' ? entries.map((e) => e.fact) : null
    },
    catchUp: () => enter(async () => true),
    absorb(read) {
      const from = history.head
      return enter(() => take(read, from))
    },
    advance(entries, head, states) {
      if (head.epoch !== Math.max(history.head.epoch, 1)) return // a new epoch has been begun over it
      if (history.head.seq >= head.seq) return // a read was faster than the answer
      emit({ kind: 'batch', batch: history.advance(entries, head.epoch, states) })
    },
    setLeading(now) {
      if (leading === now) return
      leading = now
      emit({ kind: 'lead', leading })
    },
    rebuild: () => enter(async () => begun(await rebuildFromArchive(deps, classId, history.head))),
    rewrite: (change) =>
      enter(async () => {
        const state = change(history.state)
        return state !== history.state && begun(await continueAs(deps, classId, history, state))
      }),
    fork: ({ seq }) => enter(async () => begun(await continueAbove(deps, classId, history, seq))),
    close,
  }
  const companion: FollowedClass = Object.create(follower, { listen: { value: listen } })
  return follower
}
