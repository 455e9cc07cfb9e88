import { isRouteErrorResponse, Link, useRouteError } from '@remix-run/react'
import { en as m } from '~/i18n/en'

/** What a person sees instead of a page: what happened, and the way on. */
export function ErrorPage() {
  const error = useRouteError()
  const known = isRouteErrorResponse(error)
  const missing = known && error.status === 404
  const words = missing ? m.errors.notFound : m.errors.broken
  const detail = known && typeof error.data === 'string' && error.data.length > 0 ? error.data : words.detail
  return (
    <main className="page page-narrow">
      <div className="card">
        <h1>{words.title}</h1>
        <p>{detail}</p>
        <p className="row">
          <Link className="button button-primary" to="/">
            {m.errors.home}
          </Link>
        </p>
      </div>
    </main>
  )
}
