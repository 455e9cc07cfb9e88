import { describe, expect, test } from 'vitest'
import { Rehearsal } from '../../tests/support/rehearsal'
import { nextDeadline } from './deadlines'
import { toMediaRights } from './media-rights'
import { CHECKING_MS, CONNECTING_MS, INVITATION_MS } from './stage'
import { toYou } from './to-you'

function invite(c: Rehearsal, personId: string, grade: 'audio' | 'video' = 'audio'): string {
  c.as('t', { name: 'stage:invite', personId, grade })
  return c.state.invitations[personId]?.invitationId ?? ''
}

describe('stage', () => {
  test("[STAGE1] nobody accepts another person's invitation", () => {
    const c = Rehearsal.live(2)
    const invitationId = invite(c, 's1')
    expect(c.as('s2', { name: 'stage:accept', invitationId })).toMatchObject({ code: 'unknown_invitation' })
    expect(c.state.stage).toEqual({})
  })

  test('[STAGE2] an invitation ends after a minute; a step in the check gives two more', () => {
    const c = Rehearsal.live(1)
    const invitationId = invite(c, 's1')
    expect(nextDeadline(c.state)).toBe(c.now + INVITATION_MS)
    c.now += INVITATION_MS - 1
    c.as('s1', { name: 'stage:progress', invitationId, step: 'checking' })
    expect(nextDeadline(c.state)).toBe(c.now + CHECKING_MS)
    c.now += CHECKING_MS
    c.system({ name: 'deadlines:pass' })
    expect(c.as('s1', { name: 'stage:accept', invitationId })).toMatchObject({ code: 'unknown_invitation' })
  })

  test('[STAGE3] stage and invitations together keep to the limit', () => {
    const c = Rehearsal.live(3, { stageLimit: 2 })
    invite(c, 's1')
    c.as('s1', { name: 'stage:accept', invitationId: c.state.invitations.s1?.invitationId ?? '' })
    invite(c, 's2')
    expect(c.as('t', { name: 'stage:invite', personId: 's3', grade: 'audio' })).toMatchObject({
      code: 'stage_full',
    })
  })

  test('[STAGE4] who accepted and is not seen in time is off the stage again', () => {
    const c = Rehearsal.live(1)
    c.as('s1', { name: 'stage:accept', invitationId: invite(c, 's1') })
    c.now += CONNECTING_MS
    c.system({ name: 'deadlines:pass' })
    expect(c.state.stage).toEqual({})
  })

  test('[STAGE5] [STAGE6] an overflow student may publish by grade while on stage, and watches again after', () => {
    const c = Rehearsal.live(2, { seats: 1 })
    expect(toMediaRights(c.state, 's2')).toMatchObject({ mayConnect: false, sources: [] })
    expect(toMediaRights(c.state, 's1')).toMatchObject({ mayConnect: true, sources: [] })
    const invitationId = invite(c, 's2', 'video')
    expect(toMediaRights(c.state, 's2')).toMatchObject({ mayConnect: false, sources: [] })
    c.as('s2', { name: 'stage:accept', invitationId })
    expect(toMediaRights(c.state, 's2')).toEqual({
      mayConnect: true,
      sources: ['microphone', 'camera'],
      metadataRole: 'student_speaker',
      roomAdmin: false,
    })
    c.as('t', { name: 'stage:remove', personId: 's2' })
    expect(toMediaRights(c.state, 's2')).toMatchObject({ mayConnect: false, sources: [] })
    expect(toYou(c.state, 's2')).toMatchObject({ tier: 'overflow', watch: true, connect: false })
    c.as('s1', { name: 'stage:accept', invitationId: invite(c, 's1') })
    expect(toMediaRights(c.state, 's1').sources).toEqual(['microphone'])
  })

  test('[YOU2] what `can` does not list is refused, and an invitation adds what answers it', () => {
    const c = Rehearsal.live(1)
    expect(toYou(c.state, 's1')?.can).toContain('hand:raise')
    expect(toYou(c.state, 's1')?.can).not.toContain('stage:invite')
    expect(c.as('s1', { name: 'stage:invite', personId: 's1', grade: 'audio' })).toMatchObject({
      code: 'not_allowed',
    })
    invite(c, 's1')
    expect(toYou(c.state, 's1')?.can).toContain('stage:accept')
  })
})
