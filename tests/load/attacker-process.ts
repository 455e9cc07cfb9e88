import { once } from 'node:events'
import { setPriority } from 'node:os'
import { setTimeout as wait } from 'node:timers/promises'
import { type Attack, attacks } from './hostile'

/** One round of attacks: where, with which auths, by how many at once, for how long. */
export type Round = { port: number; auths: object[]; attackers: number; pauseMs: number; ms: number }
export type Made = { attacks: number }

/** Behind the server and the honest: making an attack costs an attacker's machine, not this one. */
setPriority(19)

const kinds: Attack[] = Object.values(attacks)
let made = 0

async function attack({ port, auths, pauseMs }: Round, until: number): Promise<void> {
  const auth = async () => auths[made % auths.length] ?? {}
  while (performance.now() < until) {
    await kinds[made++ % kinds.length]?.({ port, auth })
    await wait(pauseMs)
  }
}

process.on('disconnect', () => process.exit())
for (;;) {
  const [round] = (await once(process, 'message')) as [Round]
  const before = made
  const until = performance.now() + round.ms
  await Promise.all(Array.from({ length: round.attackers }, () => attack(round, until)))
  const answer: Made = { attacks: made - before }
  process.send?.(answer)
}
