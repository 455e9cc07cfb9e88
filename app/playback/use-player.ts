import { useSyncExternalStore } from 'react'
import type { Player, PlayerState } from './player'

export function usePlayer<T>(player: Player, select: (state: PlayerState) => T): T {
  const pick = () => select(player.read())
  return useSyncExternalStore(player.subscribe, pick, pick)
}
