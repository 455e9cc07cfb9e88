import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDatabase } from '../../server/database'
import { createPages, type Visit } from '../../server/http/create-pages'
import type { ClassPage, Entered, Pages } from '../../server/http/pages'
import { newId } from '../../server/ids'
import { createLivekitTokens } from '../../server/livekit/tokens'
import { type ClassLogs, createClassLogs } from '../../server/log/class-logs'
import { createLogger } from '../../server/logger'
import { createAccess } from '../../server/people/access'
import { createClassCodes } from '../../server/people/class-codes'
import { createTokens } from '../../server/people/tokens'
import { createWatchTokens } from '../../server/people/watch-tokens'
import { createServerEnvironment, SECRET, type ServerEnvironment } from '../support/server'

const PUBLIC_URL = 'https://class.example.org'
const YEAR_MS = 365 * 86_400_000

let environment: ServerEnvironment
let logs: ClassLogs
let pagesOf: (visit?: Partial<Visit>) => Pages
let close: () => Promise<void>

beforeAll(async () => {
  environment = await createServerEnvironment()
  const logger = createLogger({ logLevel: 'silent' })
  const redisUrl = environment.redis.url
  const database = await openDatabase(environment.databaseUrl, logger)
  logs = await createClassLogs({ redisUrl, archive: database.archive, logger, newId })
  const tokens = createTokens([SECRET], logs.now)
  const { directory } = database
  const codes = createClassCodes(directory, logs)
  const unused = {} as never
  const deps = {
    logs,
    tokens,
    codes,
    directory,
    access: createAccess({
      livekitTokens: createLivekitTokens({
        apiKey: 'devkey',
        apiSecret: 'a-secret-of-at-least-32-characters',
      }),
      livekitPublicUrl: 'wss://class.example.org/livekit',
      watchTokens: createWatchTokens([SECRET], logs.now, 'person'),
      originPublicUrl: `${PUBLIC_URL}/hls`,
    }),
    joinLimit: { take: async () => null, miss: async () => null, barred: () => null },
    history: unused,
    latency: unused,
    recordings: {
      report: async () => ({ state: 'none' as const }),
      findReplay: () => null,
      isPreparing: () => false,
      remind: async () => {},
    },
    newId,
    publicUrl: PUBLIC_URL,
  }
  pagesOf = (visit) =>
    createPages(deps, {
      baseUrl: PUBLIC_URL,
      address: '127.0.0.1',
      mayCreate: true,
      livekitUrl: 'wss://class.example.org/livekit',
      ...visit,
    })
  close = async () => {
    codes.close()
    await logs.close()
    await database.close()
    await environment.stop()
  }
})
afterAll(() => close())

/** Keeps cookies as a browser does. */
function createBrowser() {
  const jar = new Map<string, string>()
  return {
    request: () =>
      new Request(PUBLIC_URL, { headers: { Cookie: [...jar].map((pair) => pair.join('=')).join('; ') } }),
    take({ setCookies }: Entered) {
      for (const cookie of setCookies) {
        const [name = '', value = ''] = cookie.split(';')[0]?.split('=') ?? []
        if (cookie.includes('Max-Age=0')) jar.delete(name)
        else jar.set(name, value)
      }
    },
    jar,
  }
}

function entered(answer: Entered | { ok: false }): Entered {
  if (!answer.ok) throw new Error(`not entered: ${JSON.stringify(answer)}`)
  return answer
}

const idsOf = ({ location }: Entered) => {
  const url = new URL(location, PUBLIC_URL)
  return { classId: url.pathname.split('/')[2] ?? '', personId: url.searchParams.get('as') ?? '' }
}

async function makeClass(title = 'Algebra') {
  const browser = createBrowser()
  const made = entered(await pagesOf().createClass(browser.request(), { title, seats: 2 }))
  browser.take(made)
  const { classId, personId } = idsOf(made)
  const opened = await pagesOf().openClassPage(browser.request(), classId, personId)
  return { browser, made, classId, personId, page: (opened.ok ? opened.page : {}) as ClassPage }
}

const problem = (status: number, code: string) => ({
  ok: false,
  problem: { status, code, detail: expect.any(String) },
})

describe('the start page', () => {
  test('makes a class and its teacher, signed in by a cookie no script can read', async () => {
    const { made, page, classId, personId } = await makeClass()
    expect(made.location).toBe(`/classes/${classId}?as=${personId}`)
    expect(made.setCookies[0]).toMatch(`amphi.${personId}=`)
    expect(made.setCookies[0]).toContain('HttpOnly; SameSite=Lax; Secure')
    expect(page).toMatchObject({
      title: 'Algebra',
      phase: 'draft',
      role: 'teacher',
      access: { tier: 'seat' },
    })
    expect(page.links).toEqual({
      student: `${PUBLIC_URL}/join/${page.code}`,
      assistant: expect.stringContaining('?invite='),
      teacher: expect.stringContaining('?invite='),
    })
  })

  test('makes none where that is not allowed, or without a title', async () => {
    const request = createBrowser().request()
    const closed = await pagesOf({ mayCreate: false }).createClass(request, { title: 'x' })
    expect(closed).toEqual(problem(403, 'creation_closed'))
    expect(await pagesOf().createClass(request, { title: ' ' })).toEqual(problem(422, 'bad_payload'))
  })

  test('shows the classes of this browser and of nobody else', async () => {
    const { browser, classId, personId } = await makeClass('Mine')
    await makeClass('Not mine')
    const start = await pagesOf().startPage(browser.request())
    expect(start.classes).toEqual([
      {
        classId,
        personId,
        title: 'Mine',
        phase: 'draft',
        name: 'Teacher',
        role: 'teacher',
        link: `/classes/${classId}?as=${personId}`,
      },
    ])
  })
})

describe('the join page', () => {
  test('lets a guest in as a student, again as somebody else', async () => {
    const { page, classId } = await makeClass()
    const browser = createBrowser()
    const ada = entered(await pagesOf().joinByCode(browser.request(), page.code, { name: 'Ada' }))
    browser.take(ada)
    const found = await pagesOf().findJoin(browser.request(), page.code)
    expect(found).toMatchObject({
      ok: true,
      join: { title: 'Algebra', role: 'student', already: { name: 'Ada' } },
    })
    browser.take(entered(await pagesOf().joinByCode(browser.request(), page.code, { name: 'Ben' })))
    expect(browser.jar.size).toBe(2)
    const chosen = await pagesOf().openClassPage(browser.request(), classId, idsOf(ada).personId)
    expect(chosen).toMatchObject({ ok: true, page: { name: 'Ada', role: 'student' } })
    expect(chosen).not.toHaveProperty('page.links')
  })

  test('makes whoever has an invitation what the invitation says', async () => {
    const { page } = await makeClass()
    const invite = new URL(page.links?.assistant ?? '').searchParams.get('invite')
    const request = createBrowser().request()
    expect(await pagesOf().findJoin(request, page.code, invite)).toMatchObject({
      join: { role: 'assistant' },
    })
    expect(await pagesOf().openPersonLink(request, page.code, invite ?? '')).toBeNull()
    const browser = createBrowser()
    const ash = entered(await pagesOf().joinByCode(browser.request(), page.code, { name: 'Ash', invite }))
    browser.take(ash)
    const opened = await pagesOf().openClassPage(browser.request(), idsOf(ash).classId)
    expect(opened).toMatchObject({ page: { role: 'assistant', links: { student: expect.any(String) } } })
    expect(opened).not.toHaveProperty('page.links.teacher')
  })

  test('says what is wrong with an invitation', async () => {
    const [{ page, classId }, other] = [await makeClass(), await makeClass()]
    const past = createTokens([SECRET], () => Date.now() - YEAR_MS)
    const stale = await past.signLink({ cls: classId, role: 'teacher' })
    const elsewhere = new URL(other.page.links?.teacher ?? '').searchParams.get('invite')
    const join = (invite: string | null) =>
      pagesOf().joinByCode(createBrowser().request(), page.code, { name: 'Eve', invite })
    expect(await join(stale)).toEqual(problem(403, 'link_expired'))
    expect(await join(elsewhere)).toEqual(problem(403, 'bad_link'))
    expect(await join('made.up.token')).toEqual(problem(403, 'bad_link'))
  })

  test('opens the class at once for a link that is one person', async () => {
    const { page, classId, personId } = await makeClass()
    const tokens = createTokens([SECRET], Date.now)
    const invite = await tokens.signLink({ cls: classId, role: 'teacher', sub: personId })
    const answer = await pagesOf().openPersonLink(createBrowser().request(), page.code, invite)
    expect(answer).toMatchObject({ ok: true, location: `/classes/${classId}?as=${personId}` })
  })

  test('takes a link that is one person for nobody else, and not after they were removed', async () => {
    const { page, classId, personId } = await makeClass()
    const invite = new URL(page.links?.assistant ?? '').searchParams.get('invite')
    const browser = createBrowser()
    const ash = entered(await pagesOf().joinByCode(browser.request(), page.code, { name: 'Ash', invite }))
    const tokens = createTokens([SECRET], Date.now)
    const linkOf = (sub: string, role: 'teacher' | 'assistant') =>
      tokens.signLink({ cls: classId, role, sub })
    const join = async (own: string) =>
      pagesOf().joinByCode(createBrowser().request(), page.code, { name: 'Somebody else', invite: own })
    expect(await join(await linkOf(personId, 'teacher'))).toMatchObject({
      location: `/classes/${classId}?as=${personId}`,
    })
    const command = { name: 'person:remove', personId: idsOf(ash).personId } as const
    await logs.submit(classId, { id: newId('cmd'), by: { kind: 'api' }, command })
    expect(await join(await linkOf(idsOf(ash).personId, 'assistant'))).toEqual(problem(403, 'removed'))
  })

  test('knows no code that nobody made', async () => {
    const request = createBrowser().request()
    expect(await pagesOf().findJoin(request, 'BBB-BBB-BBB')).toEqual(problem(404, 'unknown_code'))
  })
})

describe('the class page', () => {
  test('opens for nobody this browser is not', async () => {
    const { classId, personId, browser } = await makeClass()
    const stranger = createBrowser()
    expect(await pagesOf().openClassPage(stranger.request(), classId)).toEqual(problem(401, 'unauthorized'))
    stranger.jar.set(`amphi.${personId}`, 'made.up.token')
    expect(await pagesOf().openClassPage(stranger.request(), classId)).toEqual(problem(401, 'unauthorized'))
    const token = browser.jar.get(`amphi.${personId}`) ?? ''
    const liar = createBrowser()
    liar.jar.set('amphi.per_somebody', token)
    expect(await pagesOf().openClassPage(liar.request(), classId)).toEqual(problem(401, 'unauthorized'))
    expect(await pagesOf().openClassPage(liar.request(), 'cls_nothing')).toEqual(
      problem(404, 'unknown_class'),
    )
  })

  test('is closed to whoever was removed', async () => {
    const { page, classId } = await makeClass()
    const browser = createBrowser()
    const eve = entered(await pagesOf().joinByCode(browser.request(), page.code, { name: 'Eve' }))
    browser.take(eve)
    const { personId } = idsOf(eve)
    const command = { name: 'person:remove', personId } as const
    await logs.submit(classId, { id: newId('cmd'), by: { kind: 'api' }, command })
    expect(await pagesOf().openClassPage(browser.request(), classId)).toEqual(problem(403, 'removed'))
  })

  test('becomes the page of a class that has ended', async () => {
    const { browser, classId, personId } = await makeClass()
    for (const name of ['class:start', 'class:end'] as const) {
      await logs.submit(classId, { id: newId('cmd'), by: { kind: 'api' }, command: { name } })
    }
    expect(await pagesOf().openClassPage(browser.request(), classId)).toMatchObject({
      ok: true,
      page: {
        phase: 'ended',
        attendanceUrl: `/api/v1/classes/${classId}/attendance?format=csv&as=${personId}`,
        endedAt: expect.any(Number),
      },
    })
  })
})
