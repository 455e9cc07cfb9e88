import { Form } from '@remix-run/react'
import { useMessages } from '~/i18n/messages'
import { Brand } from '~/ui/brand'
import { Button } from '~/ui/button'
import { TextField } from '~/ui/field'
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
        <Form method="post" action="/?index" className="stack">
          <TextField label={m.start.code} name="code" required maxLength={32} autoComplete="off" />
          <Button type="submit">{m.start.go}</Button>
        </Form>
      </div>
    </main>
  )
}
