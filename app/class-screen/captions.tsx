import { noCaptions } from '~/class-state/captions'
import { directionOf } from '~/i18n/languages'
import { useMessages } from '~/i18n/messages'
import { useMoment } from './moment'

export function Captions() {
  const m = useMessages()
  const { lines, speaking } = useMoment((model) => model.captions) ?? noCaptions
  const all = speaking ? [...lines, speaking] : lines
  return (
    <section aria-label={m.captions.region} aria-live="polite" className="captions">
      {all.map((line) => (
        <p key={`${line.at} ${line.name}`} lang={line.language} dir={directionOf(line.language)}>
          <span className="muted">
            <bdi>{line.name}</bdi>:{' '}
          </span>
          {line.text}
        </p>
      ))}
    </section>
  )
}
