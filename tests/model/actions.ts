import fc from 'fast-check'
import { type Move, moves } from './moves'

/** What happens to a class in one step: commands, and what befalls their senders and the servers meanwhile. */
export type Action = {
  moves: Move[]
  /** Into the commands, ms. */
  delayMs: number
  /** Whom it befalls. */
  which: number
} & (
  | { kind: 'talk' | 'cut' | 'pause' | 'kill' | 'drain' }
  /** A Redis that restarts with everything, with what it had before the step, or with nothing. */
  | { kind: 'redis'; disk: Disk }
  /** All servers die at once, and Redis comes back with what it had before the step. */
  | { kind: 'power' }
)
type Disk = 'as it was' | 'older' | 'nothing'

const common = { moves: moves(1, 8), delayMs: fc.nat(25), which: fc.nat(20) }

/** How often what happens. */
const weights = { talk: 8, cut: 3, pause: 2, kill: 2, drain: 1, power: 1 } as const
const disks: Disk[] = ['as it was', 'older', 'nothing']

export function actions(minLength: number, maxLength: number): fc.Arbitrary<Action[]> {
  const plain = Object.entries(weights).map(([kind, weight]) => ({
    weight,
    arbitrary: fc.record({ ...common, kind: fc.constant(kind as keyof typeof weights) }),
  }))
  const redis = {
    weight: 3,
    arbitrary: fc.record({ ...common, kind: fc.constant('redis' as const), disk: fc.constantFrom(...disks) }),
  }
  const action: fc.Arbitrary<Action> = fc.oneof(...plain, redis)
  return fc.array(action, { minLength, maxLength, size: 'max' })
}
