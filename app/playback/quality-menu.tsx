import { useMessages } from '~/i18n/messages'
import { Menu, type MenuEntry } from '~/ui/menu'
import type { Player } from './player'
import { usePlayer } from './use-player'

export function QualityMenu({ player }: { player: Player }) {
  const m = useMessages()
  const quality = usePlayer(player, (state) => state.quality)
  const renditions = usePlayer(player, (state) => state.renditions)
  const audioUrl = usePlayer(player, (state) => state.audioUrl)
  const entries: MenuEntry[] = [
    {
      label: m.playback.auto,
      chosen: quality.kind === 'auto',
      run: () => player.setQuality({ kind: 'auto' }),
    },
    ...[...renditions]
      .sort((a, b) => b.height - a.height)
      .map(({ index, height }) => ({
        label: m.playback.height(height),
        chosen: quality.kind === 'fixed' && quality.index === index,
        run: () => player.setQuality({ kind: 'fixed', index }),
      })),
    {
      label: m.playback.audioOnly,
      chosen: quality.kind === 'audio',
      disabled: audioUrl === null && quality.kind !== 'audio',
      run: () => player.setQuality({ kind: 'audio' }),
    },
  ]
  return <Menu label={m.playback.quality} icon="settings" small entries={entries} />
}
