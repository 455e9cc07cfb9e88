import { readFileSync } from 'node:fs'
import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'

/** Longer than load balancers keep idle connections (60 s), or they would write into one that is being closed. */
const KEEP_ALIVE_MS = 65_000

/** The one server of pages, API, gateway and proxies; with TLS if there is a certificate. Not yet listening. */
export function createListener(
  tls: { cert: string; key: string } | undefined,
  answer: RequestListener,
): Server {
  const server = tls ? createTlsServer(readCertificate(tls), answer) : createHttpServer(answer)
  server.keepAliveTimeout = KEEP_ALIVE_MS
  return server
}

function readCertificate({ cert, key }: { cert: string; key: string }) {
  return { cert: readFileSync(cert), key: readFileSync(key) }
}
