import { type KeyboardEvent, useEffect, useState } from 'react'
import { toClock } from '~/i18n/durations'
import { useMessages } from '~/i18n/messages'
import { Menu } from '~/ui/menu'
import type { Player } from './player'
import { usePlayer } from './use-player'

/** What one press of an arrow key goes. */
const STEP_SECONDS = 10
/** The thumb is let go of, or the key: only then is anything loaded. */
const SETTLE_MS = 250
/** A class that has only begun has nothing to go back to: the bar is there, so that nothing moves when it has. */
const SHORTEST_SECONDS = 15
const LIVE_WITHIN_SECONDS = 3

/** The class so far, its chapters as marks; back in it, and to live again. */
export function SeekBar({ player }: { player: Player }) {
  const m = useMessages()
  const span = usePlayer(player, (state) => state.span)
  const following = usePlayer(player, (state) => state.following)
  const chapters = usePlayer(player, (state) => state.chapters)
  const targetSeconds = usePlayer(player, (state) => (state.targetMs ?? 0) / 1_000)
  const [wanted, setWanted] = useState<number | null>(null)
  useEffect(() => {
    if (wanted === null) return
    const timer = setTimeout(() => {
      player.seek(wanted)
      setWanted(null)
    }, SETTLE_MS)
    return () => clearTimeout(timer)
  }, [wanted, player])
  const { start, end } = span ?? { start: 0, end: 0 }
  const live = Math.max(start, end - targetSeconds)
  const length = live - start
  if (!span || length < SHORTEST_SECONDS) return <NothingBefore />

  const position = wanted ?? (following ? live : Math.min(span.position, live))
  const behind = live - position
  const marks = chapters.flatMap(({ at, name }) => {
    const place = player.positionOf(at)
    return place !== null && place >= span.start && place <= live ? [{ at, name, place }] : []
  })
  const words = behind < LIVE_WITHIN_SECONDS ? m.playback.live : m.playback.back(toClock(behind * 1_000))
  const onKeyDown = (event: KeyboardEvent) => {
    const by = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key]
    if (by === undefined) return
    event.preventDefault()
    setWanted(Math.min(live, Math.max(span.start, position + by * STEP_SECONDS)))
  }
  return (
    <div className="seek">
      <div className="seek-track">
        <input
          type="range"
          aria-label={m.playback.position}
          aria-valuetext={words}
          min={0}
          max={Math.round(length)}
          step={1}
          value={Math.round(position - span.start)}
          onChange={(event) => setWanted(span.start + event.currentTarget.valueAsNumber)}
          onKeyDown={onKeyDown}
        />
        {marks.map(({ at, name, place }) => (
          <span
            key={at}
            className="seek-mark"
            title={name}
            style={{ insetInlineStart: `${((place - span.start) / length) * 100}%` }}
          />
        ))}
      </div>
      {/* Said by the slider already. */}
      <span className="seek-words numbers" aria-hidden="true">
        {words}
      </span>
      {marks.length > 0 && (
        <Menu
          label={m.playback.chapters}
          small
          entries={marks.map(({ name, place }) => ({ label: name, run: () => player.seek(place) }))}
        />
      )}
    </div>
  )
}

function NothingBefore() {
  const m = useMessages()
  return (
    <div className="seek">
      <div className="seek-track">
        <input type="range" aria-label={m.playback.position} min={0} max={1} value={1} disabled readOnly />
      </div>
      <span className="seek-words" aria-hidden="true">
        {m.playback.live}
      </span>
    </div>
  )
}
