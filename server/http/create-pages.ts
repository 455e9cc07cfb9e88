import { findRow } from '../classroom/table'
import type { FollowedClass } from '../log/class-logs'
import { readPersonCookies, toPersonCookies } from '../people/cookies'
import { createClass } from '../people/create-class'
import { type Failure, fail } from '../people/failures'
import { classPath } from '../people/links'
import { register } from '../people/register'
import { TOKEN_VERSION } from '../people/revocations'
import { submit } from '../people/submit'
import { classIdParam, createClassBody, joinByCodeBody } from '../protocol/http'
import { toReachable } from './base-url'
import { openEndedPage, openLivePage } from './class-pages'
import { findMyPeople, type Me } from './my-people'
import { DEFAULT_ORG, type OperationDeps } from './operations/deps'
import type { Entered, Pages, Refused } from './pages'
import { toDetail } from './payload'
import { toPageProblem } from './problems'

/** What is known of a request besides itself. */
export type Visit = {
  baseUrl: string
  address: string
  /** By CREATE_CLASSES. */
  mayCreate: boolean
  /** Where this caller finds LiveKit's signalling. */
  livekitUrl: string
}

const FIRST_TEACHER = 'Teacher'
/** Whoever has the code, without an invitation. */
const asStudent = { ok: true, role: 'student', personId: undefined } as const

/** `AppLoadContext.amphi` of one request. */
export function createPages(deps: OperationDeps, visit: Visit): Pages {
  const { logs, tokens, codes, joinLimit, access, publicUrl } = deps
  const { baseUrl } = visit
  const secure = publicUrl.startsWith('https:')

  const toRefused = ({ error }: Failure): Refused => ({ ok: false, problem: toPageProblem(error) })

  async function becomePerson(request: Request, followed: FollowedClass, personId: string): Promise<Entered> {
    const { classId, people } = followed.state
    const role = findRow(people, personId)?.role ?? 'student'
    const token = await tokens.signPerson({ cls: classId, sub: personId, role, ver: TOKEN_VERSION })
    const present = readPersonCookies(request.headers.get('cookie'))
    return {
      ok: true,
      location: classPath(classId, personId),
      setCookies: toPersonCookies(personId, token, secure, present),
    }
  }

  /** An invitation that is good for this class. */
  async function readInvite(followed: FollowedClass, invite: string) {
    const reading = await tokens.readLink(invite)
    if (!reading.ok) return fail(reading.reason === 'expired' ? 'link_expired' : 'bad_link')
    if (reading.claims.cls !== followed.classId) return fail('bad_link')
    return { ok: true as const, role: reading.claims.role, personId: reading.claims.sub }
  }

  async function comeBack(request: Request, followed: FollowedClass, personId: string) {
    const person = findRow(followed.state.people, personId)
    if (!person) return toRefused(fail('bad_link'))
    if (person.place.at === 'removed') return toRefused(fail('removed'))
    return becomePerson(request, followed, personId)
  }

  async function findClass(code: string): Promise<FollowedClass | Failure> {
    const barred = joinLimit.barred(visit.address)
    if (barred) return barred
    return (await codes.find(code)) ?? (await joinLimit.miss(visit.address)) ?? fail('unknown_code')
  }

  const mine = (request: Request) => findMyPeople(deps, request.headers.get('cookie'))
  async function findMe(request: Request, classId: string, as: string | null | undefined) {
    return (await mine(request)).find(
      ({ state, person }) => state.classId === classId && (!as || person.personId === as),
    )
  }
  const toMyClass = ({ state, person }: Me) => ({
    classId: state.classId,
    title: state.title,
    phase: state.phase,
    personId: person.personId,
    name: person.name,
    role: person.role,
    link: classPath(state.classId, person.personId),
  })

  return {
    async startPage(request) {
      return { mayCreate: visit.mayCreate, classes: (await mine(request)).map(toMyClass) }
    },

    async createClass(request, input) {
      if (!visit.mayCreate) return toRefused(fail('creation_closed'))
      const body = createClassBody.safeParse(input)
      if (!body.success) return toRefused(fail('bad_payload', { detail: toDetail(body.error) }))
      const { title, ...settings } = body.data
      const created = await createClass(deps, { orgId: DEFAULT_ORG, title, settings })
      if (!created.ok) return toRefused(created)
      const teacher = await register(deps, created.followed, { name: FIRST_TEACHER, role: 'teacher' })
      return teacher.ok ? becomePerson(request, created.followed, teacher.personId) : toRefused(teacher)
    },

    async findJoin(request, code, invite) {
      const followed = await findClass(code)
      if ('ok' in followed) return toRefused(followed)
      const invited = invite ? await readInvite(followed, invite) : asStudent
      if (!invited.ok) return toRefused(invited)
      const { title, phase, settings, classId } = followed.state
      const me = (await mine(request)).find(({ state }) => state.classId === classId)
      const join = {
        code: followed.state.code,
        title,
        phase,
        languages: settings.languages,
        recorded: settings.recording === 'on',
        role: invited.role,
        ...(me && { already: { name: me.person.name, link: classPath(classId, me.person.personId) } }),
      }
      return { ok: true, join }
    },

    async openPersonLink(request, code, invite) {
      const followed = await findClass(code)
      if ('ok' in followed) return toRefused(followed)
      const invited = await readInvite(followed, invite)
      if (!invited.ok) return toRefused(invited)
      return invited.personId ? comeBack(request, followed, invited.personId) : null
    },

    async joinByCode(request, code, { invite, ...input }) {
      const limited = await joinLimit.take(visit.address)
      if (limited) return toRefused(limited)
      const body = joinByCodeBody.safeParse(input)
      if (!body.success) return toRefused(fail('bad_payload', { detail: toDetail(body.error) }))
      const followed = await codes.find(code)
      if (!followed) return toRefused(fail('unknown_code'))
      const invited = invite ? await readInvite(followed, invite) : asStudent
      if (!invited.ok) return toRefused(invited)
      // Their own link makes nobody else: whoever was removed would come back with it under another name.
      if (invited.personId) return comeBack(request, followed, invited.personId)
      const registered = await register(deps, followed, { ...body.data, role: invited.role })
      return registered.ok ? becomePerson(request, followed, registered.personId) : toRefused(registered)
    },

    async deleteRecording(request, classId, as) {
      const me = await findMe(request, classId, as)
      if (!me) return toRefused(fail('unauthorized'))
      const by = { kind: 'person', personId: me.person.personId } as const
      const command = { name: 'recording:delete' } as const
      const done = await submit(logs, me.followed, { id: deps.newId('cmd'), by, command })
      return done.ok ? { ok: true } : toRefused(done)
    },

    livekitUrl: () => visit.livekitUrl,

    async checkEntry() {
      const limited = await joinLimit.take(visit.address)
      if (limited) return toRefused(limited)
      const { url, token } = await access.forCheck(deps.newId('check'))
      return { ok: true, url: toReachable(url, publicUrl, baseUrl), token }
    },

    async openClassPage(request, classId, as) {
      const me = await findMe(request, classId, as)
      if (!me) {
        const known = classIdParam.safeParse(classId).success && (await logs.follow(classId))
        return toRefused(fail(known ? 'unauthorized' : 'unknown_class'))
      }
      if (me.person.place.at === 'removed') return toRefused(fail('removed'))
      if (me.state.phase === 'ended') return { ok: true, page: await openEndedPage(deps, baseUrl, me) }
      const page = await openLivePage(deps, baseUrl, me)
      return 'ok' in page ? toRefused(page) : { ok: true, page }
    },
  }
}
