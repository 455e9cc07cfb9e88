import type { Redis } from 'ioredis'
import { keysOf } from '../redis/names'
import type { Head } from './head'
import { runScript } from './scripts'

/**
 * Who decides the commands of a class. It spares contention only: two leaders at once are sorted out by the append
 * script, which refuses the older term and any head that has moved.
 */
export type Lease = { classId: string; processId: string; term: number }

/** Not `whole`: Redis was restarted since, and nobody who led until then says that it lacks nothing. */
export type Taken = { kind: 'taken'; lease: Lease; whole: boolean } | { kind: 'held'; by: string }

export async function takeLease(
  redis: Redis,
  classId: string,
  processId: string,
  leaseMs: number,
): Promise<Taken> {
  const keys = keysOf(classId)
  const reply = await runScript(redis, 'take-lease', [keys.lease, keys.head], [processId, leaseMs])
  const [kind, value, whole] = reply as ['taken' | 'held', string | number, number]
  if (kind === 'held') return { kind, by: String(value) }
  return { kind, lease: { classId, processId, term: Number(value) }, whole: whole === 1 }
}

/** False: the lease ran out, and may be somebody else's. */
export async function renewLease(redis: Redis, lease: Lease, leaseMs: number): Promise<boolean> {
  return (
    (await runScript(redis, 'renew-lease', [keysOf(lease.classId).lease], [toValue(lease), leaseMs])) === 1
  )
}

/** `head`: what was last acknowledged under this lease, if that is known for certain. */
export async function releaseLease(redis: Redis, lease: Lease, head?: Head): Promise<void> {
  const keys = keysOf(lease.classId)
  const args = [toValue(lease), keys.hints, head?.nonce ?? '']
  await runScript(redis, 'release-lease', [keys.lease, keys.head], args)
}

/** After a restart of Redis: if it is at the leader's own head, nothing was lost. */
export async function confirmWhole(redis: Redis, classId: string, head: Head): Promise<void> {
  await runScript(redis, 'confirm', [keysOf(classId).head], [head.nonce])
}

/** The process that leads; null: nobody. */
export async function findLeader(redis: Redis, classId: string): Promise<string | null> {
  const value = await redis.get(keysOf(classId).lease)
  return value ? (value.split('|')[0] ?? null) : null
}

function toValue({ processId, term }: Lease): string {
  return `${processId}|${term}`
}
