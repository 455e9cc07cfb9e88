import type { RequestHandler } from 'express'
import { fail } from '../people/failures'
import { isOwnOrigin } from './base-url'
import { sendProblem } from './problems'

/** Browsers send cookies along with the forms of other sites too. */
export function refuseForeignPages(publicUrl: string): RequestHandler {
  return (request, response, next) => {
    const safe = request.method === 'GET' || request.method === 'HEAD' || request.method === 'OPTIONS'
    // A bearer is not sent by itself: whoever has one may use it from any page.
    const byCookie = request.get('authorization') === undefined
    if (safe || !byCookie || isOwnOrigin(request.get('origin'), publicUrl, request.get('host'))) next()
    else sendProblem(response, fail('bad_origin').error)
  }
}
