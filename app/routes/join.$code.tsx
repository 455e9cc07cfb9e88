import { type ActionFunctionArgs, data, type LoaderFunctionArgs, type MetaFunction } from '@remix-run/node'
import { useActionData, useLoaderData } from '@remix-run/react'
import { JoinForm } from '~/join/join-form'
import { JoinProblem } from '~/join/join-problem'
import { Brand } from '~/ui/brand'
import { toEntry } from '../enter'

const inviteOf = (request: Request) => new URL(request.url).searchParams.get('invite')

export async function loader({ context, request, params: { code = '' } }: LoaderFunctionArgs) {
  const invite = inviteOf(request)
  const entered = invite ? await context.amphi.openPersonLink(request, code, invite) : null
  if (entered?.ok) return toEntry(entered)
  const found = entered ?? (await context.amphi.findJoin(request, code, invite))
  return found.ok ? found : data(found, { status: found.problem.status })
}

export async function action({ context, request, params: { code = '' } }: ActionFunctionArgs) {
  const form = await request.formData()
  const language = String(form.get('language') ?? '')
  const input = {
    name: String(form.get('name') ?? ''),
    ...(language && { language }),
    invite: inviteOf(request),
  }
  return toEntry(await context.amphi.joinByCode(request, code, input))
}

export const meta: MetaFunction<typeof loader> = ({ data: found }) => [
  { title: found && 'join' in found ? `${found.join.title} · Amphi` : 'Amphi' },
]

export default function JoinPage() {
  const found = useLoaderData<typeof loader>()
  const refused = useActionData<typeof action>()?.problem
  return (
    <main className="page page-narrow">
      <Brand />
      <div className="card">
        {'join' in found ? (
          <JoinForm join={found.join} problem={refused} />
        ) : (
          <JoinProblem problem={found.problem} />
        )}
      </div>
    </main>
  )
}
