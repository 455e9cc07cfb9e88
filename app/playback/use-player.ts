import { useSyncExternalStore } from 'react'
import type { Player } from './player'
import type { PlayerState } from './player-state'

export function usePlayer<T>(player: Player, select: (state: PlayerState) => T): T {
  const pick = () => select(player.read())
  return useSyncExternalStore(player.subscribe, pick, pick)
}
