import { existsSync } from 'node:fs'
import type { Server } from 'node:http'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { createRequestHandler } from '@remix-run/express'
import type { ServerBuild } from '@remix-run/node'
import express, { type Request, type RequestHandler, Router } from 'express'
import type { Pages } from './pages'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const CLIENT = join(ROOT, 'build/client')
const SERVER_BUILD = join(ROOT, 'build/server/index.js')
/** Files beside the pages that keep their name (icons): a change shows after this. */
const NAMED_MAX_AGE = '1h'

export type PageHandlerDeps = {
  pagesFor(request: Request): Pages
  /** Given in development: pages are compiled as they are asked for, and reload by themselves. */
  dev?: { server: Server }
}

/** Everything that is not one of the server's own paths: the browser's files, and pages rendered by Remix. */
export async function createPageHandler({ pagesFor, dev }: PageHandlerDeps): Promise<RequestHandler> {
  const loadContext = (request: Request, response: express.Response) => ({
    amphi: pagesFor(request),
    cspNonce: String(response.locals.cspNonce ?? ''),
  })
  if (dev) return createDevPages(dev.server, loadContext)
  if (!existsSync(SERVER_BUILD)) return sendNotBuilt
  const build: ServerBuild = await import(pathToFileURL(SERVER_BUILD).href)
  return Router()
    .use(
      '/assets',
      express.static(join(CLIENT, 'assets'), { immutable: true, maxAge: '1y', fallthrough: false }),
    )
    .use(express.static(CLIENT, { maxAge: NAMED_MAX_AGE, index: false }))
    .use(keepOutOfCaches)
    .use(createRequestHandler({ build, getLoadContext: loadContext, mode: 'production' }))
}

/** A class page holds the tokens of its person. */
const keepOutOfCaches: RequestHandler = (_request, response, next) => {
  response.set('Cache-Control', 'no-store')
  next()
}

type LoadContext = NonNullable<Parameters<typeof createRequestHandler>[0]['getLoadContext']>

async function createDevPages(server: Server, getLoadContext: LoadContext): Promise<RequestHandler> {
  const { createServer } = await import('vite')
  const vite = await createServer({
    root: ROOT,
    appType: 'custom',
    server: { middlewareMode: true, hmr: { server } },
  })
  const build = () => vite.ssrLoadModule('virtual:remix/server-build') as Promise<ServerBuild>
  return Router()
    .use(vite.middlewares)
    .use(createRequestHandler({ build, getLoadContext, mode: 'development' }))
}

/** An operator who starts only the server without `npm start`. */
const sendNotBuilt: RequestHandler = (_request, response) => {
  response
    .set('Cache-Control', 'no-store')
    .status(503)
    .type('text/plain')
    .send('The pages are not built: npm start builds them.\n')
}
