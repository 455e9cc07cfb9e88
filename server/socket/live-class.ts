import { type Audience, toAudience } from '../classroom/audience'
import { tierOf } from '../classroom/people'
import type { ClassState } from '../classroom/state'
import { findRow } from '../classroom/table'
import type { Batch, ClassEvent, FollowedClass, Head } from '../log/class-logs'
import type { ByeCode } from '../protocol/errors'
import type { Position } from '../protocol/events'
import { createAudienceTimeline, type Step } from './audience-timeline'
import { type Channel, createChannel } from './channel'
import { createClassHistory, replaySteps, toSteps } from './class-history'
import { createCountsSender } from './counts-sender'
import { toFrame } from './fan-out'
import { toFarewell } from './farewells'
import type { Member } from './member'
import type { PlaybackSummaries } from './playback-health'
import { createSnapshots } from './snapshots'
import { createWaitingLine } from './waiting-line'
import { whoseYou } from './whose-you'
import { createYouSender, type YouSenderDeps } from './you-sender'

/** After the end there is time to see it, and to have a last command refused in words, before the line is cut. */
const CLOSE_AFTER_END_MS = 60_000

/** A class as the sockets of this process see it. */
export type LiveClass = {
  readonly classId: string
  readonly followed: FollowedClass
  readonly state: ClassState
  readonly head: Head
  /** They get a snapshot, or the facts since `resume`; then counts and `you`; then what happens. */
  enter(member: Member, resume?: Position): void
  /** The same again for somebody who is here: they missed something. */
  resume(member: Member, position: Position): void
  leave(member: Member): void
  members(): Iterable<Member>
  membersOf(personId: string): readonly Member[] | undefined
  readonly isEmpty: boolean
  readonly isClosed: boolean
  /** Everybody is told why and disconnected. */
  close(code: ByeCode, retryAfterMs?: () => number): void
}

export type LiveClassDeps = Pick<YouSenderDeps, 'access' | 'toReachable' | 'now' | 'logger'> & {
  playback: PlaybackSummaries
  onClosed(): void
}

/** Resolves when clients can be resumed as far back as the log goes. */
export async function openLiveClass(followed: FollowedClass, deps: LiveClassDeps): Promise<LiveClass> {
  let state = followed.state
  let head = followed.head
  let history = createClassHistory(head.seq)
  let closed: ByeCode | null = null
  const channels = new Map<Audience, Channel>()
  const snapshots = createSnapshots(deps.now)
  /** Most people have one connection: a list of one is a third of a set of one. */
  const people = new Map<string, readonly Member[]>()
  let endTimer: NodeJS.Timeout | undefined

  const line = createWaitingLine()
  const you = createYouSender({
    ...deps,
    state: () => state,
    membersOf: (personId) => people.get(personId),
    onSent: (sent) => line.sent(sent),
  })
  const counts = createCountsSender({
    state: () => state,
    health: () => deps.playback.toHealth(deps.now()),
    channels: () => channels,
    onTick: (tick) => you.markMany(line.moved(tick, state, people)),
  })
  const stopListening = followed.listen(hear)
  const begin = head
  const earlier = await replaySteps(followed, begin)
  if (head.epoch === begin.epoch) history.prepend(earlier)

  function hear(event: ClassEvent) {
    switch (event.kind) {
      case 'batch':
        return follow(event.batch)
      case 'epoch':
        return restart(event)
      case 'closed':
        return close(event.reason === 'upgrade' ? 'upgrade' : 'draining')
      case 'lead':
        return
    }
  }

  function follow(batch: Batch) {
    const steps = toSteps(batch)
    state = batch.after
    head = batch.head
    history.append(steps)
    // Whoever is not in an audience any more gets nothing of this batch that only the audience may see.
    const moved = [...movedMembers(steps)]
    for (const member of moved) quitChannel(member)
    for (const channel of channels.values()) channel.advance(steps)
    for (const member of moved) writeState(member)
    tellPeople(steps)
    sayGoodbye(steps)
    if (state.phase === 'ended') endTimer ??= setTimeout(close, CLOSE_AFTER_END_MS, 'class_over')
  }

  function restart(event: { state: ClassState; head: Head }) {
    state = event.state
    head = event.head
    history = createClassHistory(head.seq)
    const everybody = [...allMembers()]
    channels.clear()
    for (const member of everybody) {
      member.outlet.write(toFrame('resync', undefined))
      writeState(member)
    }
    you.markMany(people.keys())
  }

  function* movedMembers(steps: readonly Step[]): Generator<Member> {
    for (const { fact } of steps) {
      if (fact.type !== 'person.changed' && fact.type !== 'person.joined') continue
      for (const member of people.get(fact.personId) ?? []) {
        if (member.audience !== null && member.audience !== findAudience(member)) yield member
      }
    }
  }

  function findAudience(member: Member): Audience | null {
    const person = findRow(state.people, member.personId)
    return person ? toAudience(person) : null
  }

  function tellPeople(steps: readonly Step[]) {
    const concerned = whoseYou(steps)
    if (concerned === 'everyone') return you.markMany(people.keys())
    for (const personId of concerned) if (people.has(personId)) you.mark(personId)
  }

  function sayGoodbye(steps: readonly Step[]) {
    for (const { fact } of steps) {
      const code = toFarewell(fact)
      if (!code || !('personId' in fact) || !fact.personId) continue
      const place = findRow(state.people, fact.personId)?.place
      // They may have joined again within the same batch.
      if (place?.at !== 'outside' && place?.at !== 'removed') continue
      for (const member of people.get(fact.personId) ?? []) member.bye(code)
    }
  }

  function channelOf(audience: Audience): Channel {
    const known = channels.get(audience)
    if (known) return known
    const timeline = createAudienceTimeline(audience, history.origin, history.steps)
    const channel = createChannel(timeline, (member) => {
      quitChannel(member)
      writeState(member)
    })
    channels.set(audience, channel)
    return channel
  }

  function quitChannel(member: Member) {
    const channel = member.audience === null ? undefined : channels.get(member.audience)
    channel?.delete(member)
    if (channel?.members.size === 0) {
      channels.delete(channel.timeline.audience)
      snapshots.forget(channel.timeline.audience)
    }
    member.audience = null
  }

  /** Brings a member to where their audience is, and lets them take part from the next frame on. */
  function writeState(member: Member, resume?: Position) {
    const person = findRow(state.people, member.personId)
    if (!person) return member.bye('gone')
    // Who went meanwhile was not told by a fact: an epoch began after it, or it came before they were a member.
    if (tierOf(person.place) === null) return member.bye(person.place.at === 'removed' ? 'removed' : 'left')
    const audience = toAudience(person)
    const channel = channelOf(audience)
    const missing = resume && mayResume(member, resume) ? channel.frameFrom(resume.seq) : null
    member.outlet.write(missing ?? snapshots.of(channel.timeline, head.epoch, state))
    member.audience = audience
    channel.add(member)
    counts.welcome(member)
  }

  /** What somebody saw in another audience, or as one who waited, is no ground to go on from. */
  function mayResume(member: Member, { epoch, seq }: Position): boolean {
    const since = findRow(state.people, member.personId)?.audienceSince ?? Number.POSITIVE_INFINITY
    return epoch === head.epoch && seq >= since
  }

  function* allMembers(): Generator<Member> {
    for (const members of people.values()) yield* members
  }

  function close(code: ByeCode, retryAfterMs?: () => number) {
    if (closed) return
    closed = code
    clearTimeout(endTimer)
    stopListening()
    counts.close()
    you.close()
    for (const member of [...allMembers()]) member.bye(code, retryAfterMs?.())
    deps.onClosed()
  }

  return {
    classId: followed.classId,
    followed,
    get state() {
      return state
    },
    get head() {
      return head
    },
    enter(member, resume) {
      if (closed) return member.bye(closed)
      people.set(member.personId, [...(people.get(member.personId) ?? []), member])
      writeState(member, resume)
      if (you.tellNow(member.personId)) counts.tellNow(member)
    },
    resume(member, position) {
      if (closed || member.audience === null) return
      quitChannel(member)
      writeState(member, position)
      you.mark(member.personId)
    },
    leave(member) {
      quitChannel(member)
      const others = people.get(member.personId)?.filter((other) => other !== member) ?? []
      if (others.length > 0) {
        people.set(member.personId, others)
      } else {
        people.delete(member.personId)
        line.forget(member.personId)
      }
    },
    members: allMembers,
    membersOf: (personId) => people.get(personId),
    get isEmpty() {
      return people.size === 0
    },
    get isClosed() {
      return closed !== null
    },
    close,
  }
}
