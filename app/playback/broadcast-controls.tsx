import { useMessages } from '~/i18n/messages'
import { Button } from '~/ui/button'
import { PictureInPicture } from './picture-in-picture'
import type { Player } from './player'
import { QualityMenu } from './quality-menu'
import { SeekBar } from './seek-bar'
import { usePlayer } from './use-player'

/** Under the picture: how late it is, sound, the class so far, live, quality. */
export function BroadcastControls({ player }: { player: Player }) {
  const m = useMessages()
  const muted = usePlayer(player, (state) => state.muted)
  const paused = usePlayer(player, (state) => state.phase === 'paused')
  const following = usePlayer(player, (state) => state.following)
  const behindSeconds = usePlayer(player, ({ delayMs }) =>
    delayMs === null ? null : Math.max(0, Math.round(delayMs / 1_000)),
  )
  return (
    <div className="controls">
      <SeekBar player={player} />
      <div className="row">
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
        <Button small icon="live" look={following ? 'plain' : 'primary'} onClick={() => player.goToLive()}>
          {m.playback.goLive}
        </Button>
        <QualityMenu player={player} />
        <PictureInPicture />
        {behindSeconds !== null && <span className="badge numbers">{m.playback.behind(behindSeconds)}</span>}
      </div>
    </div>
  )
}
