import { isRouteErrorResponse, Link, useRouteError } from '@remix-run/react'
import { useMessages } from '~/i18n/messages'
import { Brand } from './brand'

/** What a person sees instead of a page: what happened, and the way on. */
export function ErrorPage() {
  const m = useMessages()
  const error = useRouteError()
  const known = isRouteErrorResponse(error)
  const words = known && error.status === 404 ? m.errors.notFound : m.errors.broken
  return (
    <main className="page page-narrow">
      <Brand />
      <div className="card">
        <h1>{words.title}</h1>
        <p>{words.detail}</p>
        <p className="row">
          <Link className="button button-primary" to="/">
            {m.errors.home}
          </Link>
        </p>
      </div>
    </main>
  )
}
