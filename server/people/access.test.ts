import { expect, test } from 'vitest'
import { defaultSettings } from '../classroom/settings'
import { emptyClass } from '../classroom/state'
import type { You } from '../classroom/you'
import { createAccess } from './access'

const access = createAccess({
  livekitTokens: { mint: async () => '', mintForCheck: async () => '' },
  livekitPublicUrl: 'wss://livekit.example',
  originPublicUrl: 'https://origin.example',
  watchTokens: { sign: (_classId, personId, only) => `${personId}.${only ?? 'broadcast'}` },
})
const live = { ...emptyClass('cls_a', defaultSettings), phase: 'live' } as const
const you = { personId: 'per_a', watch: true } as You

test('who watches is given the broadcast while the class is on, and no more than its replay after the end', () => {
  const base = 'https://origin.example/per_a'
  expect(access.forViewer(live, you).broadcast).toEqual({
    playlistUrl: `${base}.broadcast/cls_a/index.m3u8`,
    asideUrl: `${base}.broadcast/cls_a/aside.m3u8`,
  })
  expect(access.forViewer({ ...live, phase: 'ended' }, you).broadcast).toEqual({
    playlistUrl: `${base}.replay/cls_a/index.m3u8`,
    asideUrl: `${base}.replay/cls_a/aside.replay.m3u8`,
  })
  expect(access.replayUrl('cls_a', 'per_a')).toBe(`${base}.replay/cls_a/index.m3u8`)
  expect(access.forViewer(live, { ...you, watch: false })).toEqual({})
})
