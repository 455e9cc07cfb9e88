import { toClock } from '~/i18n/durations'
import { useMessages } from '~/i18n/messages'
import type { Player } from '~/playback/player'
import { usePlayer } from '~/playback/use-player'
import type { EndedPage } from '../../server/http/pages'

type Chapter = NonNullable<EndedPage['replay']>['chapters'][number]

/** What was on screen and who came on stage, by time: each goes there. */
export function Chapters({ player, chapters }: { player: Player; chapters: readonly Chapter[] }) {
  const m = useMessages()
  const span = usePlayer(player, (state) => state.span)
  const places = chapters.map((chapter) => ({ chapter, place: span && player.positionOf(chapter.at) }))
  // A moment that was not recorded is nowhere in the replay.
  const listed = span ? places.filter(({ place }) => place !== null) : places
  const current = listed.findLast(({ place }) => place !== null && span && place <= span.position)?.chapter
  return (
    <nav aria-label={m.ended.chapters} className="stack stack-tight">
      <h2>{m.ended.chapters}</h2>
      <ol className="chapters">
        {listed.map(({ chapter, place }) => (
          <li key={chapter.at}>
            <button
              type="button"
              className="chapter"
              aria-current={chapter === current}
              disabled={place === null}
              onClick={() => place !== null && player.seek(place)}
            >
              <span className="numbers muted">
                {place === null || !span ? '–' : toClock(Math.floor(place - span.start) * 1000)}
              </span>
              <span className="chapter-words">
                {chapter.kind === 'stage' ? m.ended.onStage(chapter.title) : chapter.title}
              </span>
            </button>
          </li>
        ))}
      </ol>
    </nav>
  )
}
