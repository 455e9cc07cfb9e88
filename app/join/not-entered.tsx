import { useMessages } from '~/i18n/messages'
import { CodeForm } from '~/start/code-form'
import { Brand } from '~/ui/brand'
import type { PageProblem } from '../../server/http/pages'

/** This browser is nobody in the class: the way in is the code, or a link. */
export function NotEntered({ problem }: { problem: PageProblem }) {
  const m = useMessages()
  return (
    <main className="page page-narrow">
      <Brand />
      <div className="card">
        <h1>{m.entry.nobodyTitle}</h1>
        <p role="alert">
          {problem.status === 403 ? (m.join.problems[problem.code] ?? problem.detail) : m.entry.nobody}
        </p>
        <CodeForm />
      </div>
    </main>
  )
}
