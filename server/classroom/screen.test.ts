import { describe, expect, test } from 'vitest'
import { Rehearsal } from '../../tests/support/rehearsal'
import { CHAT_KEPT, SLOW_CHAT_EVERY_MS } from './chat'
import { findRow } from './table'
import { toClassView } from './to-class-view'
import { toView } from './to-view'
import { toYou } from './to-you'

describe('screen, chat and broadcast', () => {
  test('[VIEW3] who waits for the lobby sees nothing of the class but itself, and is let in with a new audience', () => {
    const c = Rehearsal.live(1, { lobby: true })
    c.as('t', { name: 'person:admit', all: true })
    c.as('t', { name: 'screen:show', text: 'Secret', language: 'en' })
    c.as('s1', { name: 'chat:send', text: 'inside' })
    c.enter('s2')
    expect(toYou(c.state, 's2')?.audience).toBe('waiting')
    expect(toClassView(c.state, 'waiting')).toMatchObject({
      title: 'Physics',
      chat: [],
      screen: null,
      requests: {},
    })
    const seen = c.state.seq
    c.as('t', { name: 'person:admit', personId: 's2' })
    expect(toYou(c.state, 's2')?.audience).toBe('student:en')
    expect(findRow(c.state.people, 's2')?.audienceSince).toBeGreaterThan(seen)
  })

  test('[SCREEN1] a student gets the text and their own translation, staff get all', () => {
    const c = Rehearsal.live(1, { languages: ['en', 'de', 'ar'] })
    c.as('t', {
      name: 'screen:show',
      text: 'Hello',
      language: 'en',
      translations: { de: 'Hallo', ar: 'مرحبا' },
    })
    const german = toClassView(c.state, 'student:de').screen
    expect(german).toMatchObject({ text: 'Hello', translation: { text: 'Hallo', language: 'de' } })
    expect(german).not.toHaveProperty('translations')
    expect(toClassView(c.state, 'student:en').screen).not.toHaveProperty('translation')
    expect(toClassView(c.state, 'staff').screen?.translations).toEqual({ de: 'Hallo', ar: 'مرحبا' })
  })

  test('[SCREEN2] an anonymous question on screen names nobody to students', () => {
    const c = Rehearsal.live(1)
    const made = c.as('s1', { name: 'question:ask', text: 'Why?', anonymous: true })
    const fact = made.ok ? made.facts[0] : undefined
    const requestId = fact?.type === 'request.made' ? fact.requestId : ''
    c.as('t', { name: 'screen:show', requestId })
    expect(toClassView(c.state, 'student:en').screen?.from).toEqual({ requestId })
    expect(toClassView(c.state, 'staff').screen?.from).toEqual({ requestId, name: 'Name of s1' })
  })

  test('[CHAT1] the chat keeps the last messages, goes slow, goes off, and mutes', () => {
    const c = Rehearsal.live(1)
    for (let i = 0; i <= CHAT_KEPT; i++) c.as('s1', { name: 'chat:send', text: `${i}` })
    expect(c.state.chat).toHaveLength(CHAT_KEPT)
    expect(c.state.chat[0]?.text).toBe('1')
    c.as('t', { name: 'class:settings', chat: 'slow' })
    expect(c.as('s1', { name: 'chat:send', text: 'x' })).toMatchObject({ code: 'rate_limited' })
    c.now += SLOW_CHAT_EVERY_MS
    expect(c.as('s1', { name: 'chat:send', text: 'x' })).toMatchObject({ ok: true })
    c.as('t', { name: 'class:settings', chat: 'open' })
    c.as('t', { name: 'chat:mute', personId: 's1', minutes: 1 })
    expect(c.as('s1', { name: 'chat:send', text: 'x' })).toMatchObject({ code: 'chat_muted' })
    c.now += 60_000
    expect(c.as('s1', { name: 'chat:send', text: 'x' })).toMatchObject({ ok: true })
    c.as('t', { name: 'class:settings', chat: 'off' })
    expect(c.as('s1', { name: 'chat:send', text: 'x' })).toMatchObject({ code: 'chat_off' })
  })

  test('[CAST1] [CAST2] [CAST3] a run begins where the counted part of the one before ends', () => {
    const c = Rehearsal.live(1)
    c.system({ name: 'broadcast:run', runId: 'run_a' })
    c.system({ name: 'broadcast:seen', runId: 'run_a' })
    expect(c.state.broadcast.state).toBe('on')
    c.system({ name: 'broadcast:run', runId: 'run_b', previousEnd: { segments: 7, lastParts: 3 } })
    expect(c.state.broadcast).toMatchObject({
      state: 'restarting',
      runs: [
        { runId: 'run_a', base: 0, end: { segments: 7, lastParts: 3 } },
        { runId: 'run_b', base: 7 },
      ],
    })
    expect(c.system({ name: 'broadcast:seen', runId: 'run_a' })).toMatchObject({ code: 'stale_run' })
    c.system({ name: 'broadcast:run', runId: 'run_c' })
    expect(c.state.broadcast.runs[2]).toMatchObject({ runId: 'run_c', base: 7 })
    expect(c.as('t', { name: 'broadcast:stop' })).toMatchObject({ code: 'not_allowed' })
  })

  test('[CAST4] what the broadcast shows is known to all, and words about it are taken in their order', () => {
    const c = Rehearsal.live(1)
    const screen = { personId: 't', source: 'screen' } as const
    const camera = { personId: 't', source: 'camera' } as const
    const show = (runId: string, main: typeof screen | typeof camera | null, at: number) =>
      c.system({ name: 'broadcast:picture', runId, main, aside: null, at })
    expect(show('run_a', camera, 1)).toMatchObject({ code: 'stale_run' })
    c.system({ name: 'broadcast:run', runId: 'run_a' })
    show('run_a', screen, 20)
    expect(show('run_a', camera, 20)).toMatchObject({ facts: [] })
    const shown = { main: screen, aside: null, shownAt: 20 }
    expect(toClassView(c.state, 'student:en').broadcast).toEqual({ state: 'starting', ...shown })
    expect(
      c.as('t', { name: 'broadcast:picture', runId: 'run_a', main: null, aside: null, at: 30 }),
    ).toMatchObject({ code: 'not_allowed' })
    c.system({ name: 'broadcast:run', runId: 'run_b' })
    expect(show('run_a', camera, 40)).toMatchObject({ code: 'stale_run' })
    show('run_b', camera, 10)
    expect(c.state.broadcast.pictures).toMatchObject({ runId: 'run_b', main: camera })
    c.system({ name: 'broadcast:stop' })
    expect(toClassView(c.state, 'student:en').broadcast).toEqual({ state: 'off' })
  })

  test('[CAST5] a standby counts from where it took over, and nobody hears of it before', () => {
    const c = Rehearsal.live(1)
    const takeOver = {
      name: 'broadcast:run',
      runId: 'run_s',
      skip: 5,
      previousEnd: { segments: 3, lastParts: 2 },
    } as const
    expect(c.system({ name: 'broadcast:standby', runId: 'run_s' })).toMatchObject({ code: 'stale_run' })
    c.system({ name: 'broadcast:run', runId: 'run_a' })
    c.system({ name: 'broadcast:seen', runId: 'run_a' })
    expect(c.system(takeOver)).toMatchObject({ code: 'stale_run' })
    c.system({ name: 'broadcast:standby', runId: 'run_s' })
    const [step] = c.steps.slice(-1)
    const [fact] = step?.facts ?? []
    for (const audience of ['staff', 'student:en'] as const)
      expect(fact && step && toView(fact, step.before, step.after, audience)).toBeNull()
    c.system(takeOver)
    expect(c.state.broadcast).toMatchObject({
      state: 'restarting',
      runs: [{ runId: 'run_a' }, { runId: 'run_s', base: 3, skip: 5 }],
    })
    expect(c.state.broadcast).not.toHaveProperty('standby')
  })
})
