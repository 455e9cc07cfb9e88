import { parseArgs } from 'node:util'
import { z } from 'zod'
import { ask, requireKeyedConfig } from './running-server'
import { UsageError } from './usage'

const ROLES = ['teacher', 'assistant', 'student']

const person = z.object({ personId: z.string(), token: z.string(), joinUrl: z.string() })
const joined = z.object({ gateway: z.object({ url: z.string(), token: z.string() }) })

/** Makes a person in the class and prints who it is and the token, as JSON. */
export async function mintToken(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { gateway: { type: 'boolean' } },
  })
  const [classId, role, name = `A ${role}`] = positionals
  if (classId === undefined) throw new UsageError('CLASS is missing.')
  if (role === undefined || !ROLES.includes(role)) throw new UsageError(`ROLE is one of ${ROLES.join(', ')}.`)
  const config = await requireKeyedConfig()
  const path = `/api/v1/classes/${encodeURIComponent(classId)}`
  const made = person.parse(await ask(config, 'POST', `${path}/people`, { body: { name, role } }))
  if (!values.gateway) {
    console.log(JSON.stringify(made))
    return
  }
  const { gateway } = joined.parse(await ask(config, 'POST', `${path}/join`, { token: made.token, body: {} }))
  console.log(JSON.stringify({ personId: made.personId, gateway }))
}
