import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findFreePort } from '../../scripts/stack/ports'
import { waitUntil } from '../../scripts/stack/wait-until'

const START_TIMEOUT_MS = 10_000
const TEMPLATE = 'deploy/nginx/amphi.conf.template'

export type Nginx = {
  pid: number
  dir: string
  port: number
  errors(): Promise<string>
  stop(): Promise<void>
}

/** Debian's nginx with one worker; `toBody` is given its port and its directory, and writes what stands in `http {}`. */
export async function startNginx(
  toBody: (port: number, dir: string) => string | Promise<string>,
): Promise<Nginx> {
  const dir = await mkdtemp(join(tmpdir(), 'amphi-nginx-'))
  const port = await findFreePort()
  const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${dir}/${name};`,
  )
  // The worker reads what the test has written: its own account may not.
  const user = process.getuid?.() === 0 ? 'user root;' : ''
  const config = [
    `${user} daemon off; worker_processes 1; worker_rlimit_nofile 65536; pid ${dir}/pid; error_log ${dir}/error.log;`,
    'events { worker_connections 32768; }',
    `http { access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000; ${places.join(' ')}`,
    'types { application/vnd.apple.mpegurl m3u8; video/mp4 m4s; }',
    await toBody(port, dir),
    '}',
  ]
  await writeFile(join(dir, 'nginx.conf'), config.join('\n'))
  const child = spawn('nginx', ['-p', dir, '-e', join(dir, 'error.log'), '-c', join(dir, 'nginx.conf')], {
    stdio: 'ignore',
  })
  const errors = () => readFile(join(dir, 'error.log'), 'utf8').catch(() => '')
  if (!(await waitUntil(() => isOpen(port), START_TIMEOUT_MS))) throw new Error(`no nginx: ${await errors()}`)
  return {
    pid: child.pid ?? 0,
    dir,
    port,
    errors,
    async stop() {
      const exited = once(child, 'exit')
      child.kill('SIGTERM')
      await exited
      await rm(dir, { recursive: true, force: true })
    },
  }
}

/** nginx as an edge with the configuration that is shipped. */
export function startEdge(originPort: number): Promise<Nginx> {
  return startNginx(async (port, dir) => {
    const [cert, key] = [join(dir, 'cert.pem'), join(dir, 'key.pem')]
    const name = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
    const made = [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '2',
    ]
    execFileSync('openssl', [...made, ...name, '-keyout', key, '-out', cert], { stdio: 'ignore' })
    const values: Record<string, string> = {
      AMPHI_LISTEN: `127.0.0.1:${port}`,
      AMPHI_ORIGIN: `127.0.0.1:${originPort}`,
      AMPHI_SERVER: `127.0.0.1:${originPort}`,
      AMPHI_CACHE_DIR: dir,
      AMPHI_TLS_CERT: cert,
      AMPHI_TLS_KEY: key,
      AMPHI_LOG: join(dir, 'hls.log'),
    }
    const template = await readFile(TEMPLATE, 'utf8')
    // As in Debian's `http {}`, for whatever says nothing of a log.
    const log = `access_log ${join(dir, 'access.log')};\n`
    return `${log}${template}`.replace(/\$\{(AMPHI_[A-Z_]+)\}/g, (_, variable: string) => {
      const value = values[variable]
      if (value === undefined) throw new Error(`the template wants ${variable}`)
      return value
    })
  })
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    const answer = (open: boolean) => () => {
      socket.destroy()
      resolve(open)
    }
    socket.once('connect', answer(true)).once('error', answer(false))
  })
}
