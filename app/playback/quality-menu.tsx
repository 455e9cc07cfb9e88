import { useMessages } from '~/i18n/messages'
import { Menu, type MenuEntry } from '~/ui/menu'
import type { Rendition } from './engine'
import type { Player } from './player'
import { toMegabytesPerHour, toRenditionIndex } from './quality'
import { usePlayer } from './use-player'

/** The highest first; of several with one height, as when a page is shared, the best. */
function toChoices(renditions: readonly Rendition[]): Rendition[] {
  const best = new Map<number, Rendition>()
  for (const rendition of [...renditions].sort((a, b) => a.bitsPerSecond - b.bitsPerSecond)) {
    best.set(rendition.height, rendition)
  }
  return [...best.values()].sort((a, b) => b.height - a.height)
}

/** Auto, every rendition, sound alone; beside each what it takes of a mobile plan in an hour. */
export function QualityMenu({ player }: { player: Player }) {
  const m = useMessages()
  const quality = usePlayer(player, (state) => state.quality)
  const renditions = usePlayer(player, (state) => state.renditions)
  const sound = usePlayer(player, (state) => state.sound)
  const height = usePlayer(player, (state) => state.height)
  const chosen = toRenditionIndex(quality, renditions)
  const perHour = (bitsPerSecond: number) => m.playback.perHour(toMegabytesPerHour(bitsPerSecond))
  const entries: MenuEntry[] = [
    {
      label: m.playback.auto,
      ...(height !== null && quality.kind === 'auto' && { detail: m.playback.now(height) }),
      chosen: quality.kind === 'auto',
      run: () => player.setQuality({ kind: 'auto' }),
    },
    ...toChoices(renditions).map(({ index, height, bitsPerSecond }) => ({
      label: m.playback.height(height),
      detail: perHour(bitsPerSecond),
      chosen: index === chosen,
      run: () => player.setQuality({ kind: 'fixed', height }),
    })),
    {
      label: m.playback.audioOnly,
      ...(sound && { detail: perHour(sound.bitsPerSecond) }),
      chosen: quality.kind === 'audio',
      disabled: sound === null && quality.kind !== 'audio',
      run: () => player.setQuality({ kind: 'audio' }),
    },
  ]
  return <Menu label={m.playback.quality} icon="settings" small entries={entries} />
}
