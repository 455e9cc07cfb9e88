import { Link } from '@remix-run/react'
import { useMessages } from '~/i18n/messages'
import { CodeForm } from '~/start/code-form'
import type { PageProblem } from '../../server/http/pages'

export function JoinProblem({ problem }: { problem: PageProblem }) {
  const m = useMessages()
  return (
    <>
      <h1>{m.join.problemTitle}</h1>
      <p role="alert">{m.join.problems[problem.code] ?? problem.detail}</p>
      <CodeForm />
      <p className="small">
        <Link to="/">{m.errors.home}</Link>
      </p>
    </>
  )
}
