import { data, redirect } from '@remix-run/node'
import type { Entered, Refused } from '../server/http/pages'

/** Sends the browser on with its cookies, or gives the form its problem with the right status. */
export function toEntry(outcome: Entered | Refused) {
  if (outcome.ok) {
    const headers = new Headers()
    for (const cookie of outcome.setCookies) headers.append('Set-Cookie', cookie)
    throw redirect(outcome.location, { headers })
  }
  return data({ problem: outcome.problem }, { status: outcome.problem.status })
}
