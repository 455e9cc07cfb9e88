import { useClass, useView } from '~/class-state/use-class'
import { useMessages } from '~/i18n/messages'

/** Nobody sends anything: why, and what happens next. */
export function EmptyStage() {
  const m = useMessages()
  const phase = useView((view) => view.phase)
  const staff = useClass(({ you }) => you?.role !== 'student')
  const early = staff ? m.stage.staffNotStarted : m.stage.notStarted
  const words = phase === 'draft' ? early : m.stage.nobody
  return (
    <div className="picture-words">
      <p>
        <strong>{words.title}</strong>
      </p>
      <p>{words.detail}</p>
    </div>
  )
}
