import { readFileSync } from 'node:fs'
import type { Redis } from 'ioredis'
import { toBusScript } from '../redis/publish'

type ScriptName =
  | 'append'
  | 'read'
  | 'load'
  | 'begin'
  | 'checkpoint'
  | 'take-lease'
  | 'renew-lease'
  | 'release-lease'
  | 'confirm'
  | 'expire'

/** The text that scripts share: Redis knows no modules. */
const shared: Partial<Record<ScriptName, string>> = {
  append: 'history',
  read: 'history',
  begin: 'this-run',
  'take-lease': 'this-run',
  confirm: 'this-run',
}

function readScript(name: string): string {
  return readFileSync(new URL(`./lua/${name}.lua`, import.meta.url), 'utf8')
}

const defined = new WeakMap<Redis, Set<ScriptName>>()

/** Runs one of `lua/`; ioredis sends its hash and falls back to its text. */
export function runScript(
  redis: Redis,
  name: ScriptName,
  keys: string[],
  args: (string | number)[],
): Promise<unknown> {
  const known = defined.get(redis) ?? new Set()
  defined.set(redis, known)
  const command = `amphi-${name}`
  if (!known.has(name)) {
    const first = shared[name]
    const lua = toBusScript(redis, (first ? readScript(first) : '') + readScript(name))
    redis.defineCommand(command, { numberOfKeys: keys.length, lua })
    known.add(name)
  }
  const call: (...args: (string | number)[]) => Promise<unknown> = Reflect.get(redis, command)
  return call.call(redis, ...keys, ...args)
}
