import type { FollowedClass } from '../../log/class-logs'
import { type Failure, fail } from '../../people/failures'
import { register } from '../../people/register'
import { TOKEN_VERSION } from '../../people/revocations'
import { joinByCodeBody } from '../../protocol/http'
import { joinedByCode, joinPreview } from '../answers'
import { forAnyone, type Operation } from '../operation'
import type { OperationDeps } from './deps'

export function joinOperations(deps: OperationDeps): Operation[] {
  const { codes, joinLimit, tokens } = deps

  /** Wrong codes count as joins do: nobody tries codes faster than a school enters. */
  async function findClass(code: string, address: string): Promise<FollowedClass | Failure> {
    const barred = joinLimit.barred(address)
    if (barred) return barred
    return (await codes.find(code)) ?? (await joinLimit.miss(address)) ?? fail('unknown_code')
  }

  return [
    forAnyone({
      method: 'get',
      path: '/join/:code',
      name: 'previewJoin',
      summary: 'What a join page shows before anybody has entered',
      answer: { status: 200, schema: joinPreview },
      problems: ['unknown_code', 'too_many_joins'],
      async handle({ params: { code = '' }, address }) {
        const found = await findClass(code, address)
        if ('ok' in found) return found
        const { title, phase, settings } = found.state
        const recorded = settings.recording === 'on'
        return { ok: true, status: 200, body: { title, phase, languages: settings.languages, recorded } }
      },
    }),
    forAnyone({
      method: 'post',
      path: '/join/:code',
      name: 'joinByCode',
      summary: 'Become a guest student of the class',
      body: joinByCodeBody,
      answer: { status: 201, schema: joinedByCode },
      problems: [
        'bad_payload',
        'unknown_code',
        'class_ended',
        'class_locked',
        'class_full',
        'too_many_joins',
      ],
      async handle({ params: { code = '' }, address, body }) {
        const limited = await joinLimit.take(address)
        if (limited) return limited
        const followed = await codes.find(code)
        if (!followed) return fail('unknown_code')
        const registered = await register(deps, followed, { ...body, role: 'student' })
        if (!registered.ok) return registered
        const { personId } = registered
        const claims = { cls: followed.classId, sub: personId, role: 'student', ver: TOKEN_VERSION } as const
        return {
          ok: true,
          status: 201,
          body: { personId, classId: followed.classId, token: await tokens.signPerson(claims) },
        }
      },
    }),
  ]
}
