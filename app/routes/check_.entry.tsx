import type { ActionFunctionArgs } from '@remix-run/node'

/** A token for an empty room in which the device tries its connection. */
export async function action({ context }: ActionFunctionArgs) {
  const entry = await context.amphi.checkEntry()
  return entry.ok
    ? Response.json({ url: entry.url, token: entry.token }, { headers: { 'Cache-Control': 'no-store' } })
    : Response.json({ code: entry.problem.code }, { status: entry.problem.status })
}
