import { Link } from '@remix-run/react'
import { useMessages } from '~/i18n/messages'
import type { PageProblem } from '../../server/http/pages'

export function JoinProblem({ problem }: { problem: PageProblem }) {
  const m = useMessages()
  return (
    <>
      <h1>{m.join.problemTitle}</h1>
      <p role="alert">{m.join.problems[problem.code] ?? problem.detail}</p>
      <p>
        <Link className="button" to="/">
          {m.errors.home}
        </Link>
      </p>
    </>
  )
}
