import { randomInt } from 'node:crypto'

const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
/** 58^22 is about 2^128: ids never meet, and cannot be guessed. */
const CHARACTERS = 22

/** `cls_...`, `per_...`: what goes into Redis keys, LiveKit identities and paths. */
export function newId(prefix: string): string {
  let id = `${prefix}_`
  for (let i = 0; i < CHARACTERS; i++) id += BASE58[randomInt(BASE58.length)]
  return id
}
