import { expect, test } from 'vitest'
import type { Audience } from '../classroom/audience'
import type { Actor, Command } from '../classroom/commands'
import { decide, toCause, toFact } from '../classroom/decide'
import { evolve } from '../classroom/evolve'
import { evolveView } from '../classroom/evolve-view'
import { defaultSettings } from '../classroom/settings'
import { emptyClass } from '../classroom/state'
import { toClassView } from '../classroom/to-class-view'
import type { ClassView } from '../classroom/view'
import type { FactsFrame } from '../protocol/events'
import { createAudienceTimeline, type Step } from './audience-timeline'

const system: Actor = { kind: 'system' }
const teacher: Actor = { kind: 'person', personId: 'per_t' }
const student = (n: number): Actor => ({ kind: 'person', personId: `per_${n}` })

function createPlay() {
  let state = emptyClass('cls_1', defaultSettings)
  let ids = 0
  const steps: Step[] = []
  function play(by: Actor, command: Command) {
    const envelope = { id: `id-${++ids}`, by, command }
    const now = 1_763_000_000_000 + ids * 100_000
    const decision = decide(state, envelope, { now, newId: (prefix) => `${prefix}_${++ids}` })
    if (!decision.ok) throw new Error(`${command.name}: ${decision.refusal.code}`)
    for (const body of decision.facts) {
      const fact = toFact(state, body as Parameters<typeof toFact>[1], now, toCause(envelope))
      const after = evolve(state, fact)
      steps.push({ before: state, fact, after })
      state = after
    }
  }
  play(system, {
    name: 'class:create',
    orgId: 'org_1',
    title: 'Algebra',
    code: 'ABC',
    settings: { ...defaultSettings, seats: 1, languages: ['en', 'de'] },
  })
  const register = (personId: string, role: 'teacher' | 'student', language: string) => {
    play(system, { name: 'person:register', personId, displayName: personId, role, language })
    play({ kind: 'person', personId }, { name: 'person:join' })
  }
  register('per_t', 'teacher', 'en')
  play(teacher, { name: 'class:start' })
  for (const n of [1, 2, 3]) register(`per_${n}`, 'student', n === 3 ? 'de' : 'en')
  play(student(1), { name: 'question:ask', text: 'secret until published' })
  play(student(2), { name: 'chat:send', text: 'hello' })
  play(student(3), { name: 'hand:raise' })
  const request = Object.values(toClassView(state, 'staff').requests).find((r) => r.kind === 'text')
  play(teacher, { name: 'request:publish', requestId: request?.requestId ?? '' })
  play(teacher, { name: 'screen:show', text: 'Look', language: 'en', translations: { de: 'Schau' } })
  play(student(2), { name: 'request:vote', requestId: request?.requestId ?? '' })
  play(student(3), { name: 'request:withdraw', requestId: findHand(state) })
  play(student(1), { name: 'chat:send', text: 'bye' })
  return { steps, state }
}

function findHand(state: Parameters<typeof toClassView>[0]): string {
  const hands = Object.values(toClassView(state, 'staff').requests).filter((r) => r.kind === 'voice')
  return hands[0]?.requestId ?? ''
}

const audiences: Audience[] = ['staff', 'student:en', 'student:de']
const parse = (json: string | null) => (json === null ? null : (JSON.parse(json) as FactsFrame))

test('[NUM1] frames of an audience join without a hole, however the facts were batched', () => {
  const { steps } = createPlay()
  for (const audience of audiences) {
    for (const size of [1, 2, 3, steps.length]) {
      const timeline = createAudienceTimeline(audience, 0, [])
      let at = timeline.seq
      for (let i = 0; i < steps.length; i += size) {
        const frame = parse(timeline.advance(steps.slice(i, i + size)))
        if (!frame) continue
        expect(frame.after).toBe(at)
        expect(frame.seq).toBe(frame.facts.at(-1)?.seq)
        at = frame.seq
      }
      expect(timeline.seq).toBe(at)
    }
  }
})

test('[NUM2] a process that began later resumes clients of one that began earlier, and the other way round', () => {
  const { steps, state } = createPlay()
  for (const audience of audiences) {
    for (let begin = 0; begin <= steps.length; begin++) {
      const late = createAudienceTimeline(audience, begin, steps.slice(begin))
      const early = createAudienceTimeline(audience, 0, steps)
      for (let cut = begin; cut <= steps.length; cut++) {
        const before = steps[cut - 1]?.after ?? state
        if (cut === 0) continue
        const position = createAudienceTimeline(audience, begin, steps.slice(begin, cut)).seq
        for (const timeline of [early, late]) {
          const frame = parse(timeline.resume(position))
          expect(frame?.after).toBe(position)
          expect(frame?.seq).toBe(timeline.seq)
          const resumed = frame?.facts.reduce<ClassView>(evolveView, toClassView(before, audience))
          expect(resumed).toEqual(toClassView(state, audience))
        }
      }
    }
  }
})

test('[NUM3] a position before what is kept, or ahead of the class, is not resumed', () => {
  const { steps } = createPlay()
  const timeline = createAudienceTimeline('staff', 0, [], 3)
  for (const step of steps) timeline.advance([step])
  expect(timeline.resume(1)).toBeNull()
  expect(timeline.resume(steps.length + 1)).toBeNull()
  expect(parse(timeline.resume(timeline.seq))).toEqual({ after: timeline.seq, seq: timeline.seq, facts: [] })
  expect(parse(timeline.resume(timeline.seq - 1))?.facts).toHaveLength(1)
})

test('[NUM4] nothing that only staff may see is in what students get', () => {
  const { steps, state } = createPlay()
  const until = steps.findIndex(({ fact }) => fact.type === 'request.published')
  const hidden = createAudienceTimeline('student:en', 0, steps.slice(0, until))
  expect(hidden.resume(0)).not.toContain('secret until published')
  expect(hidden.toClassJson(steps[until]?.before ?? state)).not.toContain('secret until published')
  const german = createAudienceTimeline('student:de', 0, steps)
  expect(german.resume(0)).toContain('Schau')
  expect(german.resume(0)).not.toContain('"translations"')
})

test('[NUM5] the class of a snapshot is encoded once for as long as nothing visible happens', () => {
  const { steps, state } = createPlay()
  const timeline = createAudienceTimeline('student:en', 0, steps)
  const json = timeline.toClassJson(state)
  expect(JSON.parse(json)).toEqual(toClassView(state, 'student:en'))
  expect(timeline.toClassJson(state)).toBe(json)
})
