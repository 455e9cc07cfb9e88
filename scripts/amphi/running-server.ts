import { type Config, parseConfig } from '../../server/config'
import { type Answer, askLoopback, toLoopbackUrl } from '../stack/loopback'
import { findSecrets } from '../stack/secrets'

/** A config with the school's key: from the environment, or from the DATA_DIR of a start. */
export async function requireKeyedConfig(): Promise<Config> {
  const config = parseConfig(process.env)
  const adminApiKey = config.adminApiKey ?? (await findSecrets(config.dataDir))?.adminApiKey
  if (adminApiKey === undefined) {
    throw new Error(
      `There is no ADMIN_API_KEY in the environment nor in ${config.dataDir}: start Amphi first`,
    )
  }
  return { ...config, adminApiKey }
}

type AskOptions = { body?: unknown; token?: string }

/** The JSON of a good answer; anything else is an error that says what the server said. */
export async function ask(
  config: Config,
  method: string,
  path: string,
  options?: AskOptions,
): Promise<unknown> {
  return JSON.parse(await askForText(config, method, path, options))
}

/** For what is answered with 204. */
export async function askForNothing(config: Config, method: string, path: string): Promise<void> {
  await askForText(config, method, path)
}

async function askForText(
  config: Config,
  method: string,
  path: string,
  options: AskOptions = {},
): Promise<string> {
  const url = `${toLoopbackUrl(config)}${path}`
  const answer = await askLoopback(url, {
    method,
    headers: {
      // links and addresses in answers are made from it
      host: new URL(config.publicUrl).host,
      authorization: `Bearer ${options.token ?? config.adminApiKey}`,
      'content-type': 'application/json',
    },
    body: options.body === undefined ? undefined : JSON.stringify(options.body),
  }).catch((error: Error) => {
    throw new Error(`No server answers at ${url} (${error.message}). Is it running, with the same PORT?`)
  })
  return requireGood(answer, `${method} ${path}`)
}

function requireGood({ status, text }: Answer, what: string): string {
  if (status < 200 || status > 299) throw new Error(`${what} was answered ${status}: ${text}`)
  return text
}
