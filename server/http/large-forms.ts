import type { RequestHandler } from 'express'
import { fail } from '../people/failures'
import { sendProblem } from './problems'

/** A name, a language, a title: our largest form is far below. */
const FORM_LIMIT_BYTES = 64 * 1024

/** Remix reads a form into memory however long it is; browsers say its length before they send it. */
export const refuseLargeForms: RequestHandler = (request, response, next) => {
  const length = Number(request.get('content-length') ?? 0)
  const endless = request.get('transfer-encoding') !== undefined
  if (length <= FORM_LIMIT_BYTES && !endless) return next()
  response.set('Connection', 'close')
  sendProblem(response, fail('too_large').error)
}
