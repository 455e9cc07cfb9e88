import { useEffect, useRef } from 'react'
import { useMessages } from '~/i18n/messages'
import type { Player, PlayerPhase } from './player'
import { usePlayer } from './use-player'

type Props = {
  player: Player
  onPlays?(): void
  onLost?(): void
  /** The class says that its broadcast is being started anew: what the player only sees as a late picture. */
  restarting?: boolean
  /** With the browser's own controls. */
  native?: boolean
}

/** The picture of the broadcast, and in words what keeps it from moving. */
export function BroadcastVideo({ player, onPlays, onLost, restarting, native }: Props) {
  const m = useMessages()
  const element = useRef<HTMLVideoElement>(null)
  const phase = usePlayer(player, (state) => state.phase)
  const audioOnly = usePlayer(player, (state) => state.quality.kind === 'audio')
  const plays = phase === 'playing'
  useEffect(() => (element.current ? player.attach(element.current) : undefined), [player])
  useEffect(() => {
    if (plays) onPlays?.()
    else if (phase === 'starting') onLost?.()
  }, [plays, phase, onPlays, onLost])
  const words = restarting && phase !== 'starting' ? 'restarting' : wordsOf(phase)
  return (
    <div className="picture" data-playback={phase}>
      <video ref={element} aria-label={m.playback.video} playsInline muted autoPlay controls={native} />
      {audioOnly && plays && <p className="picture-words">{m.playback.audioOnlyNow}</p>}
      <p className="picture-words" role="status" hidden={!words}>
        {words && m.playback[words]}
      </p>
    </div>
  )
}

function wordsOf(phase: PlayerPhase) {
  switch (phase) {
    case 'starting':
    case 'stalled':
    case 'recovering':
    case 'unsupported':
      return phase
    case 'playing':
    case 'paused':
    case 'ended':
      return null
  }
}
