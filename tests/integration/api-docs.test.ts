import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ADMIN_KEY, startServer, type TestServer } from '../support/server'

const PAGE = new URL('../../docs/api-with-curl.md', import.meta.url)
/** Twenty calls of curl, each with a Node process that reads its answer. */
const PATIENCE_MS = 120_000
const MARK = '=== answered ==='

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.stop())

type Example = { commands: string; answer: string }

/** Each `sh` block with the `text` block that follows it, if one does. */
function findExamples(page: string): Example[] {
  const blocks = page.matchAll(/```sh\n([\s\S]*?)```\n(?:```text\n([\s\S]*?)```)?/g)
  return [...blocks].map(([, commands = '', answer = '']) => ({ commands, answer: answer.trim() }))
}

/** All in one shell, as a reader would type them: variables of one block are used by the next. */
async function run(examples: readonly Example[], env: Record<string, string>): Promise<string[]> {
  const script = examples.map(({ commands }) => `${commands}\necho; echo '${MARK}'\n`).join('')
  const shell = spawn('bash', ['-euo', 'pipefail', '-c', script], { env: { ...process.env, ...env } })
  let answers = ''
  let complaints = ''
  shell.stdout.on('data', (chunk) => {
    answers += chunk
  })
  shell.stderr.on('data', (chunk) => {
    complaints += chunk
  })
  const [code] = await once(shell, 'close')
  expect(code, `${answers}\n${complaints}`).toBe(0)
  return answers.split(MARK).slice(0, -1)
}

function toPattern(answer: string): RegExp {
  const escaped = answer.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${escaped.join('[\\s\\S]*')}$`)
}

test('what the page about curl says is what happens', { timeout: PATIENCE_MS }, async () => {
  const examples = findExamples(await readFile(PAGE, 'utf8'))
  expect(examples.length).toBeGreaterThan(10)
  const answers = await run(examples, { AMPHI_URL: server.url, ADMIN_API_KEY: ADMIN_KEY })
  for (const [index, { commands, answer }] of examples.entries()) {
    expect(answers[index]?.replaceAll('\r\n', '\n').trim(), commands).toMatch(toPattern(answer))
  }
})
