import { useClass } from '~/class-state/use-class'
import { directionOf, languageName } from '~/i18n/languages'
import { useMessages } from '~/i18n/messages'
import { useMoment } from './moment'

/** What the teacher put on every screen, when this person's own picture has reached that moment. */
export function QuestionOnScreen({ id }: { id?: string }) {
  const m = useMessages()
  const screen = useMoment((model) => model.screens) ?? null
  const staff = useClass(({ you }) => you !== null && you.role !== 'student')
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
            <p className="muted small" lang="en" dir="ltr">
              {m.screen.original(languageName(screen.language))}:{' '}
              <bdi lang={screen.language} dir={directionOf(screen.language)}>
                {screen.text}
              </bdi>
            </p>
          )}
          {screen.from?.name && (
            <p className="muted small" lang="en" dir="ltr">
              {m.screen.from} <bdi>{screen.from.name}</bdi>
            </p>
          )}
        </>
      ) : (
        <p className="muted small">{staff ? m.screen.emptyForStaff : m.screen.empty}</p>
      )}
    </section>
  )
}
