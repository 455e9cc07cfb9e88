import type { Redis } from 'ioredis'
import { keysOf } from '../redis/names'
import { runScript } from './scripts'

/**
 * Who decides the commands of a class. It spares contention only: two leaders at once are sorted out by the append
 * script, which refuses the older term and any head that has moved.
 */
export type Lease = { classId: string; processId: string; term: number }

export type Taken = { kind: 'taken'; lease: Lease } | { kind: 'held'; by: string }

export async function takeLease(
  redis: Redis,
  classId: string,
  processId: string,
  leaseMs: number,
): Promise<Taken> {
  const keys = keysOf(classId)
  const reply = await runScript(redis, 'take-lease', [keys.lease, keys.head], [processId, leaseMs])
  const [kind, value] = reply as ['taken' | 'held', string | number]
  if (kind === 'held') return { kind, by: String(value) }
  return { kind, lease: { classId, processId, term: Number(value) } }
}

/** False: the lease ran out, and may be somebody else's. */
export async function renewLease(redis: Redis, lease: Lease, leaseMs: number): Promise<boolean> {
  return (
    (await runScript(redis, 'renew-lease', [keysOf(lease.classId).lease], [toValue(lease), leaseMs])) === 1
  )
}

export async function releaseLease(redis: Redis, lease: Lease): Promise<void> {
  const keys = keysOf(lease.classId)
  await runScript(redis, 'release-lease', [keys.lease], [toValue(lease), keys.hints])
}

/** The process that leads; null: nobody. */
export async function findLeader(redis: Redis, classId: string): Promise<string | null> {
  const value = await redis.get(keysOf(classId).lease)
  return value ? (value.split('|')[0] ?? null) : null
}

function toValue({ processId, term }: Lease): string {
  return `${processId}|${term}`
}
