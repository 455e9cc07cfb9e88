import { type ActionFunctionArgs, type LoaderFunctionArgs, redirect } from '@remix-run/node'
import { useActionData, useLoaderData } from '@remix-run/react'
import { useMessages } from '~/i18n/messages'
import { CreateClassForm } from '~/start/create-class-form'
import { GoToClassForm } from '~/start/go-to-class-form'
import { MyClasses } from '~/start/my-classes'
import { Brand } from '~/ui/brand'
import { toEntry } from '../enter'

export function loader({ context, request }: LoaderFunctionArgs) {
  return context.amphi.startPage(request)
}

export async function action({ context, request }: ActionFunctionArgs) {
  const form = await request.formData()
  const code = form.get('code')
  if (typeof code === 'string') throw redirect(`/join/${encodeURIComponent(code.trim())}`)
  const seats = String(form.get('seats') ?? '').trim()
  const input = { title: String(form.get('title') ?? ''), ...(seats !== '' && { seats: Number(seats) }) }
  return toEntry(await context.amphi.createClass(request, input))
}

export default function StartPage() {
  const m = useMessages()
  const { mayCreate, classes } = useLoaderData<typeof loader>()
  const problem = useActionData<typeof action>()?.problem
  return (
    <main className="page">
      <header className="row row-between">
        <Brand />
        <a href="/check">{m.start.check}</a>
      </header>
      <div className="columns">
        <section className="card" aria-labelledby="start-heading">
          <div className="stack">
            <h1 id="start-heading">{m.start.heading}</h1>
            <p className="muted">{m.start.tagline}</p>
          </div>
          {mayCreate ? <CreateClassForm problem={problem} /> : <p className="muted">{m.start.notAllowed}</p>}
        </section>
        <div className="stack">
          <GoToClassForm />
          {classes.length > 0 && <MyClasses classes={classes} />}
        </div>
      </div>
    </main>
  )
}
