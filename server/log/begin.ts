import type { Redis } from 'ioredis'
import { keysOf } from '../redis/names'
import type { Checkpoint } from './archive'
import { type Head, noHead } from './head'
import { runScript } from './scripts'

/** Begins the epoch of a checkpoint in place of the history that was `found`. False: somebody else did already. */
export async function beginEpoch(
  redis: Redis,
  classId: string,
  found: Head | null,
  checkpoint: Checkpoint,
): Promise<boolean> {
  const keys = keysOf(classId)
  const was = found ?? noHead
  const { epoch, seq, nonce } = checkpoint.head
  const args = [was.epoch, was.seq, was.nonce, epoch, seq, nonce, JSON.stringify(checkpoint), keys.hints]
  return (await runScript(redis, 'begin', [keys.log, keys.head, keys.checkpoint], args)) === 1
}

/** `keepFrom`: the oldest seq that somebody may still ask for. Never beyond the checkpoint. */
export async function writeCheckpoint(
  redis: Redis,
  classId: string,
  { state: _inText, ...checkpoint }: Checkpoint,
  stateText: string,
  keepFrom: number,
): Promise<void> {
  const keys = keysOf(classId)
  const { epoch, seq } = checkpoint.head
  const text = `${JSON.stringify(checkpoint).slice(0, -1)},"state":${stateText}}`
  const args = [epoch, seq, text, Math.min(keepFrom, seq)]
  await runScript(redis, 'checkpoint', [keys.log, keys.head, keys.checkpoint], args)
}

export async function readCheckpoint(redis: Redis, classId: string): Promise<Checkpoint | null> {
  const text = await redis.get(keysOf(classId).checkpoint)
  return text ? (JSON.parse(text) as Checkpoint) : null
}

/** For a class that is over and settled in the archive at `head`: its keys go in `keptMs`, unless it goes on. */
export async function expireClass(
  redis: Redis,
  classId: string,
  { nonce }: Head,
  keptMs: number,
): Promise<void> {
  const keys = keysOf(classId)
  await runScript(redis, 'expire', [keys.log, keys.head, keys.checkpoint], [nonce, keptMs])
}
