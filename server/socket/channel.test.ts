import { expect, test } from 'vitest'
import type { AudienceTimeline, Step } from './audience-timeline'
import { createChannel } from './channel'
import type { Frame } from './fan-out'
import type { Member } from './member'

/** Numbers instead of facts: a step is its number. */
function createTimeline(floor = 0): AudienceTimeline {
  let seq = 0
  const toJson = (from: number) =>
    JSON.stringify({ after: from, seq, facts: Array.from({ length: seq - from }, (_, i) => from + 1 + i) })
  return {
    audience: 'student:en',
    get seq() {
      return seq
    },
    advance(steps) {
      const after = seq
      seq += steps.length
      return steps.length === 0 ? null : toJson(after)
    },
    toClassJson: () => '{}',
    resume: (from) => (from < floor ? null : toJson(from)),
  }
}

const steps = (count: number) => Array.from({ length: count }) as Step[]
type Told = { after: number; seq: number; facts: number[] }

function createMember(): Member & { told: Told[]; frames: Frame[] } {
  const told: Told[] = []
  const frames: Frame[] = []
  const write = (frame: Frame) => {
    frames.push(frame)
    told.push(JSON.parse(frame.toString('utf8', frame.indexOf('42[') + 2))[1])
  }
  return {
    ...{ socketId: '', personId: '', host: undefined, audience: null, seq: 0, bye() {} },
    outlet: { write },
    told,
    frames,
  }
}

/** No pass is too long for one slice. */
const standing = () => 0

/** Every look at the clock is a slice later: passes are as long as they can be. */
function createSlowClock() {
  let ms = 0
  return () => {
    ms += 30
    return ms
  }
}

test('[FAN14] everybody who is at the same place gets the same frame, at once', () => {
  const channel = createChannel(createTimeline(), () => {}, standing)
  const members = [createMember(), createMember()]
  for (const member of members) channel.add(member)
  channel.advance(steps(2))
  channel.advance([])
  channel.advance(steps(1))
  for (const { told } of members)
    expect(told.map(({ after, seq }) => [after, seq])).toEqual([
      [0, 2],
      [2, 3],
    ])
  expect(members[0]?.frames).toEqual(members[1]?.frames)
  expect(members[0]?.frames[0]).toBe(members[1]?.frames[0])
})

test('[FAN15] whenever people come, go and are told, nobody misses a fact or gets one twice', async () => {
  const channel = createChannel(createTimeline(), () => {}, createSlowClock())
  const came = new Map<ReturnType<typeof createMember>, number>()
  const enter = (count: number) => {
    for (let i = 0; i < count; i++) {
      const member = createMember()
      came.set(member, channel.timeline.seq)
      channel.add(member)
    }
  }
  enter(500)
  for (let round = 0; round < 50; round++) {
    channel.advance(steps(round % 4))
    enter(round % 7)
    const [leaving] = channel.members
    if (leaving && round % 3 === 0) {
      channel.delete(leaving)
      came.delete(leaving as ReturnType<typeof createMember>)
    }
    if (round % 2 === 0) await new Promise(setImmediate)
  }
  const last = channel.timeline.seq
  while (![...came.keys()].every(({ seq }) => seq === last)) await new Promise(setImmediate)
  let mostFacts = 0
  for (const [{ told }, from] of came) {
    expect(told.flatMap(({ facts }) => facts)).toEqual(
      Array.from({ length: last - from }, (_, i) => from + 1 + i),
    )
    let at = from
    for (const { after, seq } of told) {
      expect(after).toBe(at)
      at = seq
    }
    mostFacts = Math.max(mostFacts, ...told.map(({ facts }) => facts.length))
  }
  expect(mostFacts).toBeGreaterThan(3)
})

test('[FAN16] who is too far behind for facts is given over', async () => {
  const lost: Member[] = []
  const channel = createChannel(createTimeline(5), (member) => lost.push(member), standing)
  const member = createMember()
  channel.add(member)
  channel.advance(steps(6))
  member.seq = 2
  channel.advance(steps(1))
  expect(lost).toEqual([member])
})
