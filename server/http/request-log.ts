import type { RequestHandler } from 'express'
import type { Logger } from '../log/class-logs'

/** Tokens in the path (`/hls/TOKEN/...`) and in the query (invitations, LiveKit's access token). */
export function toSafeUrl(url: string): string {
  const [path = '', query] = url.split('?', 2)
  const safePath = path.replace(/(\/hls\/+)[^/]+/i, '$1***')
  return query === undefined ? safePath : `${safePath}?${query.replace(/=[^&]*/g, '=***')}`
}

/** One line an answer: failures of ours as errors, refused requests at `info`, everything else at `debug`. */
export function createRequestLog(logger: Logger): RequestHandler {
  return (request, response, next) => {
    const begun = performance.now()
    const url = toSafeUrl(request.originalUrl)
    response.on('finish', () => {
      const { statusCode: status } = response
      const line = { method: request.method, url, status, ms: Math.round(performance.now() - begun) }
      if (status >= 500) logger.error(line, 'answered')
      else if (status >= 400) logger.info(line, 'answered')
      else logger.debug(line, 'answered')
    })
    next()
  }
}
