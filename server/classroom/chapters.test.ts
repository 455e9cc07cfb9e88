import { expect, test } from 'vitest'
import { Rehearsal } from '../../tests/support/rehearsal'
import { CHAPTERS_KEPT, toTitle } from './chapters'

test('[KEEP3] a chapter begins when something comes on screen and when somebody comes on stage', () => {
  const c = Rehearsal.live(1)
  c.as('t', { name: 'screen:show', text: 'What is a prime?', language: 'en' })
  c.as('t', { name: 'stage:invite', personId: 's1', grade: 'audio' })
  c.as('s1', { name: 'stage:accept', invitationId: c.state.invitations.s1?.invitationId ?? '' })
  c.now += 2_000
  c.system({ name: 'stage:seen', personId: 's1', present: true })
  expect(c.state.chapters.map((chapter) => toTitle(c.state, chapter))).toEqual([
    'What is a prime?',
    'Name of s1',
  ])
  expect(c.state.chapters[1]?.at).toBe(c.now)
})

test('[KEEP3] there are never more than somebody can look through', () => {
  const c = Rehearsal.live(1)
  for (let i = 0; i <= CHAPTERS_KEPT; i++) c.as('t', { name: 'screen:show', text: `${i}`, language: 'en' })
  expect(c.state.chapters).toHaveLength(CHAPTERS_KEPT)
  expect(c.state.chapters[0]).toMatchObject({ text: '0' })
})
