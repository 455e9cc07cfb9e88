import { expect, it } from 'vitest'
import { createTokens, WATCH_TOKEN_MS } from './tokens'
import { createWatchTokens } from './watch-tokens'

const SECRETS = ['a-secret-of-enough-characters']
const HOUR_MS = 3_600_000
const AT = 1000 * HOUR_MS

it('gives the same token for an hour, so that a player keeps its URL', async () => {
  let now = AT + 1
  const watch = createWatchTokens(SECRETS, () => now, 'person')
  const first = await watch.sign('cls_a', 'per_a')
  now = AT + HOUR_MS - 1
  expect(await watch.sign('cls_a', 'per_a')).toBe(first)
  expect(await watch.sign('cls_a', 'per_b')).not.toBe(first)
  now = AT + HOUR_MS
  expect(await watch.sign('cls_a', 'per_a')).not.toBe(first)
})

it('signs what an origin accepts for hours', async () => {
  const now = AT + HOUR_MS - 1
  const token = await createWatchTokens(SECRETS, () => now, 'person').sign('cls_a', 'per_a')
  const later = createTokens(SECRETS, () => now + WATCH_TOKEN_MS - HOUR_MS)
  expect(await later.readWatch(token)).toMatchObject({ ok: true, claims: { cls: 'cls_a', sub: 'per_a' } })
})

it('shares one token a class where edges cannot take it out of the path', async () => {
  const watch = createWatchTokens(SECRETS, () => AT, 'class')
  expect(await watch.sign('cls_a', 'per_a')).toBe(await watch.sign('cls_a', 'per_b'))
})
