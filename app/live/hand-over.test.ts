import { describe, expect, test } from 'vitest'
import {
  evolveHandOver,
  type HandOver,
  type HandOverEvent,
  nothingShown,
  toMounted,
  type Wanted,
} from './hand-over'

const seat: Wanted = { live: true, broadcast: false }
const overflow: Wanted = { live: false, broadcast: true }
const play = (...events: HandOverEvent[]) =>
  events.reduce<HandOver>((now, event) => evolveHandOver(now, event), nothingShown)
const watching = [
  { type: 'wanted', wanted: overflow },
  { type: 'broadcast-plays', wanted: overflow },
] as const

test('a seat begins with the live picture, overflow with the broadcast', () => {
  expect(play({ type: 'wanted', wanted: seat }).shown).toBe('live')
  expect(play({ type: 'wanted', wanted: overflow }).shown).toBe('broadcast')
})

describe('onto the stage from the broadcast', () => {
  const invited = play(...watching, { type: 'wanted', wanted: seat })
  test('the player goes on until the first live frame', () => {
    expect(invited.shown).toBe('broadcast')
    expect(toMounted(invited, seat)).toEqual({ live: true, broadcast: true })
  })
  test('with the first live frame it is gone', () => {
    const moved = evolveHandOver(invited, { type: 'live-plays', wanted: seat })
    expect(moved.shown).toBe('live')
    expect(toMounted(moved, seat)).toEqual({ live: true, broadcast: false })
  })
})

describe('back to the broadcast', () => {
  const onStage = play({ type: 'wanted', wanted: seat }, { type: 'live-plays', wanted: seat })
  const leaving = evolveHandOver(onStage, { type: 'wanted', wanted: overflow })
  test('the live picture stays until the broadcast plays', () => {
    expect(leaving.shown).toBe('live')
    expect(toMounted(leaving, overflow)).toEqual({ live: true, broadcast: true })
  })
  test('once it plays, the live picture is gone', () => {
    const moved = evolveHandOver(leaving, { type: 'broadcast-plays', wanted: overflow })
    expect(moved.shown).toBe('broadcast')
    expect(toMounted(moved, overflow)).toEqual({ live: false, broadcast: true })
  })
  test('who may see neither sees neither', () => {
    expect(evolveHandOver(onStage, { type: 'wanted', wanted: { live: false, broadcast: false } }).shown).toBe(
      'none',
    )
  })
})

describe('the second time', () => {
  const back = play(
    { type: 'wanted', wanted: seat },
    { type: 'live-plays', wanted: seat },
    { type: 'wanted', wanted: overflow },
    { type: 'broadcast-plays', wanted: overflow },
  )
  const again = evolveHandOver(back, { type: 'wanted', wanted: seat })
  test('onto the stage, the player goes on until the first live frame of that time', () => {
    expect(again.shown).toBe('broadcast')
    expect(toMounted(again, seat)).toEqual({ live: true, broadcast: true })
    expect(evolveHandOver(again, { type: 'live-plays', wanted: seat }).shown).toBe('live')
  })
  test('back to the broadcast, the live picture stays until the broadcast plays that time', () => {
    const onStage = evolveHandOver(again, { type: 'live-plays', wanted: seat })
    const leaving = evolveHandOver(onStage, { type: 'wanted', wanted: overflow })
    expect(leaving.shown).toBe('live')
    expect(toMounted(leaving, overflow)).toEqual({ live: true, broadcast: true })
  })
  test('who comes back while the live picture is still here keeps it', () => {
    const onStage = evolveHandOver(again, { type: 'live-plays', wanted: seat })
    const leaving = evolveHandOver(onStage, { type: 'wanted', wanted: overflow })
    expect(evolveHandOver(leaving, { type: 'wanted', wanted: seat }).shown).toBe('live')
  })
})
