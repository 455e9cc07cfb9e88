import { useMessages } from '~/i18n/messages'
import { CodeForm } from './code-form'

export function GoToClassForm() {
  const m = useMessages()
  return (
    <section className="card" aria-labelledby="go-heading">
      <h2 id="go-heading">{m.start.joinHeading}</h2>
      <CodeForm />
    </section>
  )
}
