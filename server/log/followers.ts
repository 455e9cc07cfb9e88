import type { Bus } from '../redis/bus'
import { keysOf } from '../redis/names'
import { createFollower, type FollowDeps, type Follower } from './follow'
import { noHead, sameHead } from './head'
import { createHistory } from './history'
import { loadHistory } from './load'
import { readAfter } from './read'
import { rebuildFromArchive, restock } from './recover'
import type { Timing } from './timing'

export type FollowersDeps = FollowDeps & {
  bus: Bus
  timing: Timing
  /** The lease of a followed class was handed back. */
  onFree(follower: Follower): void
}

/** `unavailable`: it cannot be told at the moment whether there is such a class. */
export type Opened = Follower | 'unknown_class' | 'unavailable'

/** The classes that this process follows, each once. */
export interface Followers {
  open(classId: string): Promise<Opened>
  /** For a class that is about to be created. */
  openNew(classId: string): Promise<Opened>
  all(): Follower[]
  /** Reads the gaps of all: hints may be lost. */
  poll(): void
  closeAll(): void
}

type Open = { follower: Follower; unsubscribe: () => void; idleSince: number }

export function createFollowers(deps: FollowersDeps): Followers {
  const { redis, archive, rules, bus, timing, logger } = deps
  const open = new Map<string, Open>()
  const opening = new Map<string, Promise<Opened>>()

  async function load(classId: string): Promise<Opened> {
    try {
      let loaded = await loadHistory(redis, archive, rules, classId)
      if (loaded.kind === 'none') {
        const rebuilt = await rebuild(classId)
        if (rebuilt !== 'rebuilt') return rebuilt
        loaded = await loadHistory(redis, archive, rules, classId)
      }
      if (loaded.kind === 'loaded') return register(createFollower(deps, classId, loaded.history))
      logger.warn({ classId, why: loaded.kind }, 'A class cannot be loaded here')
    } catch (error) {
      logger.warn({ err: error, classId }, 'A class cannot be loaded now')
    }
    return 'unavailable'
  }

  /** Redis has nothing of it. If it was lost there, those who still remember the class speak first. */
  async function rebuild(classId: string): Promise<'rebuilt' | 'unknown_class' | 'unavailable'> {
    const position = await archive.findPosition(classId)
    if (!position) return 'unknown_class'
    if (await archive.isSettled(classId)) {
      const restocked = await restock({ ...deps, keptMs: timing.endedKeptMs }, classId, position)
      if (restocked) return 'rebuilt'
    }
    await new Promise((resolve) => setTimeout(resolve, timing.strangerPatienceMs))
    const read = await readAfter(redis, classId, noHead)
    if (read.kind !== 'none') return 'rebuilt'
    const begun = await rebuildFromArchive(deps, classId, null)
    if (begun.kind === 'begun') deps.onBegun(classId, begun)
    return begun.kind === 'begun' || begun.kind === 'changed' ? 'rebuilt' : 'unavailable'
  }

  async function register(follower: Follower): Promise<Follower> {
    const { classId } = follower
    const unsubscribe = await bus.listen(keysOf(classId).hints, (hint) => onHint(follower, hint))
    const one = { follower, unsubscribe, idleSince: performance.now() }
    open.set(classId, one)
    follower.companion.listen((event) => {
      if (event.kind === 'closed') drop(one)
    })
    // What was appended between the load and the subscription.
    await follower.catchUp()
    return follower
  }

  function onHint(follower: Follower, hint: string) {
    if (hint === 'free') return deps.onFree(follower)
    if (follower.leading) return // our own appends; others' are met by the next append or poll
    const [epoch, seq, nonce = ''] = hint.split('|')
    if (!sameHead(follower.head, { epoch: Number(epoch), seq: Number(seq), nonce })) void follower.catchUp()
  }

  function drop(one: Open) {
    one.unsubscribe()
    if (open.get(one.follower.classId) === one) open.delete(one.follower.classId)
  }

  function find(classId: string, make: () => Promise<Opened>): Promise<Opened> {
    const known = open.get(classId)
    if (known) return Promise.resolve(known.follower)
    const pending = opening.get(classId) ?? make().finally(() => opening.delete(classId))
    opening.set(classId, pending)
    return pending
  }

  function isIdle(one: Open): boolean {
    if (one.follower.leading || one.follower.held) one.idleSince = performance.now()
    return performance.now() - one.idleSince > timing.idleMs
  }

  return {
    open: (classId) => find(classId, () => load(classId)),
    openNew: (classId) =>
      find(classId, async () => {
        const loaded = await load(classId)
        // An archive that is away cannot know an id that was made a moment ago.
        if (typeof loaded === 'object' || redis.status !== 'ready') return loaded
        return register(
          createFollower(deps, classId, createHistory(rules, rules.emptyState(classId), noHead)),
        )
      }),
    all: () => [...open.values()].map((one) => one.follower),
    poll() {
      for (const one of [...open.values()]) {
        if (isIdle(one)) one.follower.close('gone')
        else void one.follower.catchUp()
      }
    },
    closeAll() {
      for (const { follower } of [...open.values()]) follower.close('gone')
    },
  }
}
