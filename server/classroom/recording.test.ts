import { describe, expect, test } from 'vitest'
import { Rehearsal } from '../../tests/support/rehearsal'
import { findRecordedSince, hasRecording } from './recording'
import { toClassView } from './to-class-view'
import { toYou } from './to-you'

const on = { name: 'class:settings', recording: 'on' } as const
const off = { name: 'class:settings', recording: 'off' } as const

describe('recording', () => {
  test('[KEEP1] of a class made to be recorded begins with the class and ends with it', () => {
    const c = new Rehearsal({ recording: 'on' })
    c.enter('t', 'teacher')
    expect(c.state.recording.spans).toEqual([])
    c.now += 1_000
    c.as('t', { name: 'class:start' })
    const from = c.now
    expect(findRecordedSince(c.state)).toBe(from)
    c.now += 1_000
    c.as('t', { name: 'class:end' })
    expect(c.state.recording.spans).toEqual([{ from, to: c.now }])
  })

  test('[KEEP1] switched on and off while the class is live leaves what lies between', () => {
    const c = Rehearsal.live(1)
    const times = [on, off, on].map((command) => {
      c.now += 5_000
      c.as('t', command)
      return c.now
    })
    const [from, to, again] = times
    expect(c.state.recording.spans).toEqual([{ from, to }, { from: again }])
    expect(toClassView(c.state, 'student:en').recordedSince).toBe(again)
    c.as('t', on)
    expect(c.state.recording.spans).toHaveLength(2)
  })

  test('[KEEP2] no student and no assistant switches or deletes it, nobody deletes it while the class goes on', () => {
    const c = Rehearsal.live(1, { recording: 'on' })
    c.enter('a', 'assistant')
    for (const id of ['s1', 'a']) {
      expect(c.as(id, off)).toMatchObject({ code: 'not_allowed' })
      expect(c.as(id, { name: 'recording:delete' })).toMatchObject({ code: 'not_allowed' })
    }
    expect(c.as('t', { name: 'recording:delete' })).toMatchObject({ code: 'class_not_ended' })
  })

  test('[KEEP2] a deleted recording is to be had by nobody, and is deleted once', () => {
    const c = Rehearsal.live(1, { recording: 'on' })
    c.system({ name: 'broadcast:run', runId: 'run_a' })
    c.as('t', { name: 'class:end' })
    expect(hasRecording(c.state)).toBe(true)
    expect(toYou(c.state, 's1')?.watch).toBe(true)
    expect(c.as('t', { name: 'recording:delete' })).toMatchObject({ facts: [{ type: 'recording.deleted' }] })
    expect(c.as('t', { name: 'recording:delete' })).toMatchObject({ ok: true, facts: [] })
    expect(toYou(c.state, 's1')?.watch).toBe(false)
    expect(c.state.recording).toEqual({ spans: [], deletedAt: c.state.at })
  })

  test('[KEEP2] the switch of a class that was recorded in parts decides nothing about its replay', () => {
    const c = Rehearsal.live(1, { recording: 'on' })
    c.system({ name: 'broadcast:run', runId: 'run_a' })
    c.as('t', off)
    c.as('t', { name: 'class:end' })
    expect(toYou(c.state, 's1')?.watch).toBe(true)
  })
})
