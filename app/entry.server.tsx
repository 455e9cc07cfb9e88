import { PassThrough } from 'node:stream'
import { type AppLoadContext, createReadableStreamFromReadable, type EntryContext } from '@remix-run/node'
import { RemixServer } from '@remix-run/react'
import { isbot } from 'isbot'
import { renderToPipeableStream } from 'react-dom/server'
import { NonceContext } from './nonce'

/** No loader of ours streams for longer: a page that is not ready by then never will be. */
const RENDER_TIMEOUT_MS = 5_000

export default function handleRequest(
  request: Request,
  status: number,
  headers: Headers,
  context: EntryContext,
  { cspNonce }: AppLoadContext,
): Promise<Response> {
  const readyEvent = isbot(request.headers.get('user-agent')) ? 'onAllReady' : 'onShellReady'
  const page = (
    <NonceContext.Provider value={cspNonce}>
      <RemixServer context={context} url={request.url} nonce={cspNonce} />
    </NonceContext.Provider>
  )
  return new Promise((resolve, reject) => {
    let statusNow = status
    let shellSent = false
    const { pipe, abort } = renderToPipeableStream(page, {
      nonce: cspNonce,
      [readyEvent]() {
        shellSent = true
        const body = new PassThrough()
        headers.set('Content-Type', 'text/html; charset=utf-8')
        resolve(new Response(createReadableStreamFromReadable(body), { headers, status: statusNow }))
        pipe(body)
      },
      onShellError: reject,
      onError(error: unknown) {
        statusNow = 500
        // Errors before the shell come back through onShellError and are logged by the server.
        if (shellSent) console.error(error)
      },
    })
    setTimeout(abort, RENDER_TIMEOUT_MS)
  })
}
