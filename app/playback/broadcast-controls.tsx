import { useMessages } from '~/i18n/messages'
import { Button } from '~/ui/button'
import type { Player } from './player'
import { QualityMenu } from './quality-menu'
import { usePlayer } from './use-player'

/** Under the picture: how late it is, sound, live, quality. */
export function BroadcastControls({ player }: { player: Player }) {
  const m = useMessages()
  const muted = usePlayer(player, (state) => state.muted)
  const paused = usePlayer(player, (state) => state.phase === 'paused')
  const behindSeconds = usePlayer(player, ({ delayMs }) =>
    delayMs === null ? null : Math.max(0, Math.round(delayMs / 1_000)),
  )
  return (
    <div className="row controls">
      <Button
        small
        look={muted ? 'primary' : 'plain'}
        icon={muted ? 'sound' : 'sound-off'}
        onClick={() => player.setMuted(!muted)}
      >
        {muted ? m.sound.on : m.sound.off}
      </Button>
      <Button small iconOnly icon={paused ? 'play' : 'pause'} onClick={() => player.setPaused(!paused)}>
        {paused ? m.playback.play : m.playback.pause}
      </Button>
      <Button small icon="live" onClick={() => player.goToLive()}>
        {m.playback.goLive}
      </Button>
      <QualityMenu player={player} />
      {behindSeconds !== null && <span className="badge numbers">{m.playback.behind(behindSeconds)}</span>}
    </div>
  )
}
