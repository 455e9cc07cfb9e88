import type { ViewFact } from '../../server/classroom/view'

export type ViewFactOf<T extends ViewFact['type']> = Extract<ViewFact, { type: T }>
