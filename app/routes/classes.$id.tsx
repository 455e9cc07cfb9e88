import { type ActionFunctionArgs, data, type LoaderFunctionArgs, type MetaFunction } from '@remix-run/node'
import { useLoaderData } from '@remix-run/react'
import { ClassPage } from '~/class-screen/class-page'
import { EndedScreen } from '~/ended/ended-screen'
import { NotEntered } from '~/join/not-entered'

export async function loader({ context, request, params: { id = '' } }: LoaderFunctionArgs) {
  const opened = await context.amphi.openClassPage(request, id, new URL(request.url).searchParams.get('as'))
  if (opened.ok) return opened
  if (opened.problem.status === 404) throw data(null, { status: 404 })
  return data(opened, { status: opened.problem.status })
}

/** The teacher deletes the recording of a class that has ended. */
export async function action({ context, request, params: { id = '' } }: ActionFunctionArgs) {
  const form = await request.formData()
  if (form.get('intent') !== 'delete-recording') throw data(null, { status: 400 })
  const as = new URL(request.url).searchParams.get('as')
  const done = await context.amphi.deleteRecording(request, id, as)
  return done.ok ? {} : data({ problem: done.problem }, { status: done.problem.status })
}

export const meta: MetaFunction<typeof loader> = ({ data: opened }) => [
  { title: opened?.ok ? `${opened.page.title} · Amphi` : 'Amphi' },
]

export default function ClassRoute() {
  const opened = useLoaderData<typeof loader>()
  if (!opened.ok) return <NotEntered problem={opened.problem} />
  if (opened.page.phase === 'ended') return <EndedScreen page={opened.page} />
  return <ClassPage page={opened.page} />
}
