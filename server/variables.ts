import { isIP } from 'node:net'
import { z } from 'zod'

/** Where people find the class when nothing else is said; 3000 is what Node developers try first. */
const DEFAULT_PORT = '3000'
/** The origin stands beside the server, 80 above it, so that two checkouts are easily moved together. */
const DEFAULT_ORIGIN_PORT = '3080'
/** Joins by code a minute from one address: a school of a thousand behind one NAT enters within a minute. */
const DEFAULT_JOIN_LIMIT_PER_IP = '1200'
/** Two terms of a school: whoever was ill can still look it up, and nobody is recorded for ever by forgetting. */
const DEFAULT_RETENTION_DAYS = '365'
/** LiveKit's own well-known ports (signalling, media by TCP, media by UDP), so that guides about firewalls fit. */
const DEFAULT_LIVEKIT_PORT = '7880'
const DEFAULT_LIVEKIT_TCP_PORT = '7881'
const DEFAULT_LIVEKIT_UDP_PORT = '7882'
/** The registered ports of TURN (RFC 8656): 3478 in the clear, 5349 inside TLS. */
const DEFAULT_TURN_PORT = '3478'
const DEFAULT_TURN_TLS_PORT = '5349'
/** Private stores take any free port: nobody connects to them but Amphi's own processes. */
const ANY_FREE_PORT = '0'
/** HS256 keys are derived from these; below 16 characters they could be guessed offline from one token. */
const SECRET_KEY_CHARACTERS = 16
/** Short enough to be typed in a trial, long enough not to be met by chance behind the rate limit. */
const ADMIN_API_KEY_CHARACTERS = 8

const proxyNames = new Set(['loopback', 'linklocal', 'uniquelocal'])

/** One environment variable: how it is read, what is allowed in the words of the operator, what must not be shown. */
type Variable<S extends z.ZodType = z.ZodType> = { schema: S; allowed: string; secret?: true }

const variable = <S extends z.ZodType>(schema: S, allowed: string): Variable<S> => ({ schema, allowed })
const secret = <S extends z.ZodType>(schema: S, allowed: string): Variable<S> => ({
  schema,
  allowed,
  secret: true,
})

const port = (fallback: string) =>
  variable(
    z
      .string()
      .regex(/^\d{1,5}$/)
      .default(fallback)
      .transform(Number)
      .refine((value) => value <= 65_535),
    'a port, 1 to 65535 (0: any free one)',
  )

const choice = <const V extends readonly [string, ...string[]]>(values: V, fallback: V[number]) =>
  variable(z.enum(values).default(fallback), values.map((value) => `"${value}"`).join(', '))

const isUrl = (value: string, schemes: string[]): boolean =>
  URL.canParse(value) && schemes.includes(new URL(value).protocol.slice(0, -1))

const url = (...schemes: string[]) =>
  variable(
    z
      .string()
      .refine((value) => isUrl(value, schemes))
      .transform((value) => value.replace(/\/+$/, ''))
      .optional(),
    `a URL that starts with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`,
  )

const isOrigin = (value: string): boolean => {
  const { pathname, search, hash, username } = new URL(value)
  return pathname === '/' && search + hash + username === ''
}

const isProxy = (value: string): boolean => {
  if (proxyNames.has(value)) return true
  const [address = '', bits, rest] = value.split('/')
  const family = isIP(address)
  if (family === 0 || rest !== undefined) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128))
}

/** One URL holds all that an S3 client needs; keys are percent-encoded where they must be. */
function toS3(value: string) {
  if (!isUrl(value, ['http', 'https'])) return null
  const { protocol, host, username, password, pathname, searchParams } = new URL(value)
  const bucket = pathname.replace(/^\/|\/$/g, '')
  if (!username || !password || !/^[a-z0-9.-]{3,63}$/.test(bucket)) return null
  return {
    accessKey: decodeURIComponent(username),
    secret: decodeURIComponent(password),
    bucket,
    region: searchParams.get('region') ?? '',
    endpoint: `${protocol}//${host}`,
    forcePathStyle: true,
  }
}

const list = z.string().transform((value) =>
  value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== ''),
)

/** Every variable that Amphi reads, in the order of `.env.example`. An empty value counts as absent. */
export const variables = {
  PORT: port(DEFAULT_PORT),
  PUBLIC_URL: variable(
    z
      .string()
      .refine((value) => isUrl(value, ['http', 'https']) && isOrigin(value))
      .transform((value) => new URL(value).origin)
      .optional(),
    'a URL with scheme and host and without a path, like https://class.example.org',
  ),
  TLS_CERT: variable(z.string().optional(), 'the path of a PEM file, together with TLS_KEY'),
  TLS_KEY: variable(z.string().optional(), 'the path of a PEM file, together with TLS_CERT'),
  TRUSTED_PROXIES: variable(
    z
      .string()
      .default('')
      .pipe(list)
      .refine((proxies) => proxies.every(isProxy)),
    'addresses or networks like 10.0.0.0/8, or loopback, linklocal, uniquelocal, with commas between',
  ),
  ORIGIN_PORT: port(DEFAULT_ORIGIN_PORT),
  ORIGIN_PUBLIC_URL: url('http', 'https'),
  BROADCAST_ENGINE: choice(['worker', 'livekit-egress'], 'worker'),
  BROADCAST_STANDBY: choice(['off', 'on'], 'off'),
  BROADCAST_TOKENS: choice(['person', 'class'], 'person'),
  BROADCAST_DIR: variable(z.string().optional(), 'the path of a directory'),
  BROADCAST_PAGE_URL: url('http', 'https'),
  BROADCAST_S3: secret(
    z
      .string()
      .refine((value) => toS3(value) !== null)
      .transform((value) => toS3(value) ?? undefined)
      .optional(),
    'https://ACCESS_KEY:SECRET@endpoint.example.org/BUCKET?region=REGION',
  ),
  RETENTION_DAYS: variable(
    z
      .string()
      .regex(/^\d{1,5}$/)
      .default(DEFAULT_RETENTION_DAYS)
      .transform(Number),
    'days, 0 to 99999 (0: recordings are kept until somebody deletes them)',
  ),
  BROADCAST_QUOTA_BYTES: variable(
    z
      .string()
      .regex(/^\d{1,15}$/)
      .default('0')
      .transform(Number),
    'bytes, 0 to 999999999999999 (0: no limit)',
  ),
  DATABASE_URL: url('postgres', 'postgresql'),
  REDIS_URL: url('redis', 'rediss'),
  LIVEKIT_URL: url('ws', 'wss', 'http', 'https'),
  LIVEKIT_PUBLIC_URL: url('ws', 'wss', 'http', 'https'),
  LIVEKIT_API_KEY: variable(
    z
      .string()
      .regex(/^[\x21-\x7e]+$/)
      .optional(),
    'a key without spaces, together with LIVEKIT_API_SECRET',
  ),
  LIVEKIT_API_SECRET: secret(z.string().optional(), 'the secret that belongs to LIVEKIT_API_KEY'),
  DATA_DIR: variable(z.string().default('./data'), 'the path of a directory'),
  ADMIN_API_KEY: secret(
    z
      .string()
      .regex(/^[\x21-\x7e]+$/)
      .min(ADMIN_API_KEY_CHARACTERS)
      .optional(),
    `at least ${ADMIN_API_KEY_CHARACTERS} printable ASCII characters without spaces`,
  ),
  SECRET_KEYS: secret(
    list
      .refine((keys) => keys.length > 0 && keys.every((key) => key.length >= SECRET_KEY_CHARACTERS))
      .optional(),
    `keys of at least ${SECRET_KEY_CHARACTERS} characters with commas between; the first signs, all verify`,
  ),
  CREATE_CLASSES: choice(['local', 'key', 'anyone'], 'local'),
  JOIN_LIMIT_PER_IP: variable(
    z
      .string()
      .regex(/^\d{1,7}$/)
      .default(DEFAULT_JOIN_LIMIT_PER_IP)
      .transform(Number),
    'joins a minute from one address, 0 to 9999999 (0: no limit)',
  ),
  LOG_LEVEL: choice(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], 'info'),
  NODE_ENV: choice(['production', 'development', 'test'], 'production'),
  LIVEKIT_NODE_IP: variable(
    z
      .string()
      .refine((value) => isIP(value) !== 0)
      .optional(),
    'an IP address',
  ),
  LIVEKIT_PORT: port(DEFAULT_LIVEKIT_PORT),
  LIVEKIT_TCP_PORT: port(DEFAULT_LIVEKIT_TCP_PORT),
  LIVEKIT_UDP_PORT: port(DEFAULT_LIVEKIT_UDP_PORT),
  TURN_PORT: port(DEFAULT_TURN_PORT),
  TURN_TLS_PORT: port(DEFAULT_TURN_TLS_PORT),
  REDIS_PORT: port(ANY_FREE_PORT),
  PG_PORT: port(ANY_FREE_PORT),
} satisfies Record<string, Variable>

export type VariableName = keyof typeof variables
export type Values = { [K in VariableName]: z.output<(typeof variables)[K]['schema']> }

export const variableNames = Object.keys(variables) as VariableName[]
