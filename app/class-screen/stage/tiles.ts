/** Somebody to be seen or heard on the stage. */
export type Seen = {
  identity: string
  camera: boolean
  screen: boolean
  staff: boolean
  /** ms; the earlier came first. */
  joinedAt: number
}
export type TileKey = `${'camera' | 'screen'}:${string}`

/**
 * Who gets the large place and in which order the others follow: what is shared on a screen, then who is pinned, then
 * staff, then speakers; in each, a camera before none, and who came first.
 */
export function arrangeTiles(
  seen: readonly Seen[],
  pinned: string | null,
): { main: TileKey | null; others: TileKey[] } {
  const ranked = [...seen].sort((a, b) => rank(a, pinned) - rank(b, pinned) || a.joinedAt - b.joinedAt)
  const keys: TileKey[] = [
    ...ranked.filter(({ screen }) => screen).map(({ identity }): TileKey => `screen:${identity}`),
    ...ranked.map(({ identity }): TileKey => `camera:${identity}`),
  ]
  const [main = null, ...others] = keys
  return { main, others }
}

function rank({ identity, staff, camera }: Seen, pinned: string | null): number {
  if (identity === pinned) return 0
  return (staff ? 1 : 3) + (camera ? 0 : 1)
}
