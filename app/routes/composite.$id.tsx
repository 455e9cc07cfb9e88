import { data, type LoaderFunctionArgs } from '@remix-run/node'
import { useLoaderData } from '@remix-run/react'
import { lazy, Suspense } from 'react'

/** WebRTC is nothing for the server that renders the first page. */
const CompositePage = lazy(() => import('~/composite/composite-page'))

/**
 * What `livekit/egress` films when it is the engine of the broadcast (`customBaseUrl`). It adds `url`, `token` and
 * `layout`; the token decides everything, and LiveKit is asked where browsers find it, as its own `url` may be one that
 * only machines know.
 */
export function loader({ context, request }: LoaderFunctionArgs) {
  const token = new URL(request.url).searchParams.get('token')
  if (!token) throw data(null, { status: 400 })
  return { token, livekitUrl: context.amphi.livekitUrl() }
}

export const meta = () => [{ title: 'Amphi' }, { name: 'robots', content: 'noindex' }]

export default function CompositeRoute() {
  const { livekitUrl, token } = useLoaderData<typeof loader>()
  return (
    <Suspense>
      <CompositePage url={livekitUrl} token={token} />
    </Suspense>
  )
}
