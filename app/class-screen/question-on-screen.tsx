import { useClass } from '~/class-state/use-class'
import { directionOf, languageName } from '~/i18n/languages'
import { useMessages } from '~/i18n/messages'
import { useMoment } from './moment'

/** What the teacher put on every screen, when this person's own picture has reached that moment. */
export function QuestionOnScreen({ id }: { id?: string }) {
  const m = useMessages()
  const screen = useMoment((model) => model.screens) ?? null
  const phase = useClass(({ view }) => view?.phase)
  const shown = screen && (screen.translation ?? { text: screen.text, language: screen.language })
  return (
    <section
      id={id}
      aria-label={m.screen.region}
      aria-live="polite"
      className={shown ? 'on-screen on-screen-full' : 'on-screen'}
      lang={shown?.language}
      dir={shown ? directionOf(shown.language) : undefined}
    >
      {shown ? (
        <>
          <p className="on-screen-text">{shown.text}</p>
          {screen.translation && (
            <p className="muted small" lang={screen.language} dir={directionOf(screen.language)}>
              {m.screen.original(languageName(screen.language))}: {screen.text}
            </p>
          )}
          {screen.from?.name && <p className="muted small">{m.screen.from(screen.from.name)}</p>}
        </>
      ) : (
        phase !== 'ended' && <p className="muted small">{m.screen.empty}</p>
      )}
    </section>
  )
}
