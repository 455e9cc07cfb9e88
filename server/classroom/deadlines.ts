import type { By } from './actor'
import { accept, type Context, type Decision, refuse } from './decision'
import type { FactBody } from './facts'
import { expireStage } from './stage'
import type { ClassState } from './state'

/** When (ms, server time) the leader has to submit `deadlines:pass` next; null: nothing waits. */
export function nextDeadline(state: ClassState): number | null {
  const untils = [
    ...Object.values(state.offers).map((o) => o.until),
    ...Object.values(state.invitations).map((i) => i.until),
    ...Object.values(state.stage).flatMap((s) => (s.state === 'connecting' ? [s.until] : [])),
  ]
  return untils.length > 0 ? Math.min(...untils) : null
}

export function decideDeadlines(state: ClassState, by: By, context: Context): Decision {
  if (by.kind !== 'system') return refuse('not_allowed')
  const offers = Object.entries(state.offers)
    .filter(([, offer]) => offer.until <= context.now)
    .map(
      ([personId, { offerId }]): FactBody => ({
        type: 'seat.declined',
        personId,
        offerId,
        reason: 'expired',
      }),
    )
  return accept(...offers, ...expireStage(state, context.now))
}
