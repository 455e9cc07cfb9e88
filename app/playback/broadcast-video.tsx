import { useEffect, useRef, useState } from 'react'
import { useMessages } from '~/i18n/messages'
import type { Player } from './player'
import type { Carried, PlayerPhase } from './player-state'
import { useMediaKeys } from './use-media-keys'
import { usePlayer } from './use-player'
import { useWakeLock } from './use-wake-lock'

type Props = {
  player: Player
  /** What phones and media keys call it. */
  title?: string
  onPlays?(): void
  onLost?(): void
  /** There is something to play; once begun, the player goes on by itself. Absent: there is. */
  ready?: boolean
  /** The class says that its broadcast is being started anew: what the player only sees as a late picture. */
  restarting?: boolean
  /** With the browser's own controls. */
  native?: boolean
}

/** A camera on its way, or a broadcast that has just begun, is shown sooner. */
const NOBODY_MS = 1_500

/** The one element of the class's broadcast on a page. */
export const BROADCAST_ELEMENT = 'class-broadcast'

/** The picture of the broadcast, and in words what keeps it from moving. */
export function BroadcastVideo({ player, title, onPlays, onLost, ready = true, restarting, native }: Props) {
  const m = useMessages()
  const element = useRef<HTMLVideoElement>(null)
  const phase = usePlayer(player, (state) => state.phase)
  const carried = usePlayer(player, (state) => state.carried)
  const targetMs = usePlayer(player, (state) => state.targetMs)
  const delayMs = usePlayer(player, (state) => state.delayMs)
  const plays = phase === 'playing'
  const begun = useRef(false)
  begun.current ||= ready
  const begins = begun.current
  useEffect(() => (begins && element.current ? player.attach(element.current) : undefined), [player, begins])
  useEffect(() => {
    if (plays) onPlays?.()
    else if (phase === 'starting') onLost?.()
  }, [plays, phase, onPlays, onLost])
  useWakeLock(plays)
  useMediaKeys(player, title)
  const empty = usePlayer(player, ({ picture }) => picture !== null && picture.main === null)
  const nobody = useLasting(plays && empty, NOBODY_MS)
  const told = useRestart(restarting === true, plays && (!empty || nobody))
  const words = told && phase !== 'starting' ? 'restarting' : wordsOf(phase, carried)
  return (
    <div
      className="picture"
      data-playback={phase}
      data-target-ms={targetMs ?? undefined}
      data-delay-ms={delayMs ?? undefined}
      data-carried={carried}
    >
      <video
        ref={element}
        id={BROADCAST_ELEMENT}
        aria-label={m.playback.video}
        playsInline
        muted
        autoPlay
        controls={native}
      />
      {carried !== 'picture' && plays && (
        <p className="picture-words">
          {carried === 'sound' ? m.playback.audioOnlyNow : m.playback.audioOnlyWeak}
        </p>
      )}
      {carried === 'picture' && nobody && (
        <p className="picture-words">
          <strong>{m.stage.nobody.title}</strong>
        </p>
      )}
      <p className={plays ? 'picture-note' : 'picture-words'} role="status" hidden={!words}>
        {words && m.playback[words]}
      </p>
    </div>
  )
}

/** The broadcast runs again before its picture is here: until then it is the restart that people wait for. */
function useRestart(restarting: boolean, plays: boolean): boolean {
  const [waits, setWaits] = useState(false)
  useEffect(() => {
    if (restarting) setWaits(true)
    else if (plays) setWaits(false)
  }, [restarting, plays])
  return restarting || waits
}

function useLasting(holds: boolean, ms: number): boolean {
  const [lasts, setLasts] = useState(false)
  useEffect(() => {
    const timer = holds ? setTimeout(() => setLasts(true), ms) : undefined
    return () => {
      clearTimeout(timer)
      setLasts(false)
    }
  }, [holds, ms])
  return holds && lasts
}

function wordsOf(phase: PlayerPhase, carried: Carried) {
  switch (phase) {
    case 'stalled':
    case 'recovering':
      return carried === 'sound-weak' ? 'tooWeak' : phase
    case 'starting':
    case 'unsupported':
      return phase
    case 'playing':
    case 'paused':
    case 'ended':
      return null
  }
}
