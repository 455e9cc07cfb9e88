import { actsAsStaff, actsAsTeacher, type By } from './actor'
import { placeWaiting } from './admission'
import type { CommandOf } from './commands'
import { accept, type Decision, refuse } from './decision'
import type { FactAmong, FactBody } from './facts'
import type { ClassSettings } from './settings'
import { leaveStage } from './stage'
import type { ClassState } from './state'

type LifecycleCommand = CommandOf<
  'class:create' | 'class:start' | 'class:end' | 'class:quiet' | 'class:settings'
>

export function decideLifecycle(state: ClassState, by: By, command: LifecycleCommand): Decision {
  switch (command.name) {
    case 'class:create': {
      if (by.kind !== 'system') return refuse('not_allowed')
      if (state.seq > 0) return accept()
      const { orgId, title, code, settings } = command
      return accept({ type: 'class.created', orgId, title, code, settings })
    }
    case 'class:start':
      if (!actsAsTeacher(by)) return refuse('not_allowed')
      if (state.phase === 'ended') return refuse('class_ended')
      if (state.phase === 'live') return accept()
      return accept({ type: 'class.started' }, ...placeWaiting({ ...state, phase: 'live' }))
    case 'class:end': {
      if (!actsAsTeacher(by)) return refuse('not_allowed')
      if (state.phase === 'ended') return accept()
      const left = Object.values(state.stage).flatMap((s) => leaveStage(state, s.personId, 'ended'))
      const cancelled = Object.values(state.invitations).map(
        (i): FactBody => ({ type: 'stage.cancelled', invitationId: i.invitationId, reason: 'cancelled' }),
      )
      return accept(...left, ...cancelled, { type: 'class.ended' })
    }
    case 'class:quiet':
      if (!actsAsStaff(by)) return refuse('not_allowed')
      return command.on === state.quiet ? accept() : accept({ type: 'class.quieted', on: command.on })
    case 'class:settings': {
      if (!actsAsTeacher(by)) return refuse('not_allowed')
      const { name: _name, ...wanted } = command
      const settings = changedSettings(state.settings, wanted)
      if (Object.keys(settings).length === 0) return accept()
      // Opening the lobby lets in whoever waited for nothing else.
      const opened = { ...state, settings: { ...state.settings, ...settings } }
      return accept({ type: 'class.changed', settings }, ...placeWaiting(opened))
    }
  }
}

/** Over for everybody: nothing is left to be done for it, by its broadcast neither. */
export function isWoundUp({ phase, broadcast }: ClassState): boolean {
  return phase === 'ended' && broadcast.state === 'off'
}

function changedSettings(now: ClassSettings, wanted: Partial<ClassSettings>): Partial<ClassSettings> {
  const changed = Object.entries(wanted).filter(
    ([key, value]) => value !== undefined && now[key as keyof ClassSettings] !== value,
  )
  return Object.fromEntries(changed)
}

type LifecycleFact = FactAmong<
  'class.created' | 'class.started' | 'class.ended' | 'class.quieted' | 'class.changed'
>

export function evolveLifecycle(state: ClassState, fact: LifecycleFact): ClassState {
  switch (fact.type) {
    case 'class.created': {
      const { orgId, title, code, settings } = fact
      return { ...state, orgId, title, code, settings, createdAt: fact.at }
    }
    case 'class.started':
      return { ...state, phase: 'live', startedAt: fact.at }
    case 'class.ended':
      return { ...state, phase: 'ended', endedAt: fact.at, offers: {} }
    case 'class.quieted':
      return { ...state, quiet: fact.on }
    case 'class.changed':
      return { ...state, settings: { ...state.settings, ...fact.settings } }
  }
}
