import type { Browser, BrowserContext, Page } from '@playwright/test'

type Role = 'teacher' | 'assistant' | 'student'
export type SchoolClass = { id: string; code: string; links: Record<Role, string> }
export type Attendee = { name: string; personId: string; page: Page; context: BrowserContext }

/** Two cores carry a teacher and four students only with small pictures: the page's own option for weak machines. */
const LOW_POWER = 'capture=480x270x15'

async function post<T>(path: string, body: unknown): Promise<T> {
  const response = await fetch(`${process.env.AMPHI_URL}/api/v1${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${process.env.ADMIN_API_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
  return response.json() as Promise<T>
}

const open = new Set<string>()

/** What a school does by the API before a lesson. */
export async function createClass(settings: {
  title: string
  seats: number
  languages?: string[]
  recording?: 'on' | 'off'
}): Promise<SchoolClass> {
  const made = await post<SchoolClass>('/classes', settings)
  open.add(made.id)
  return made
}

/** All that were made here, whether their teacher has ended them or not. */
export async function endClasses(): Promise<void> {
  for (const id of open) await post(`/classes/${id}/end`, {})
  open.clear()
}

/** A person of the class with a browser context of their own, on the class page. */
export async function attend(
  browser: Browser,
  schoolClass: SchoolClass,
  name: string,
  role: Role,
  options: {
    language?: string
    viewport?: { width: number; height: number }
    /** Runs in the page before its own scripts: a function, or source. */
    before?: (() => void) | { content: string }
    search?: string
  } = {},
): Promise<Attendee> {
  const { language, viewport, before, search = LOW_POWER } = options
  const person = await post<{ personId: string; joinUrl: string }>(`/classes/${schoolClass.id}/people`, {
    name,
    role,
    ...(language && { language }),
  })
  const context = await browser.newContext({
    permissions: ['camera', 'microphone', 'clipboard-read', 'clipboard-write'],
    ...(viewport && { viewport }),
  })
  const page = await context.newPage()
  // Functions that are handed to the page carry the compiler's mark for their names.
  await page.addInitScript({ content: 'globalThis.__name ??= (value) => value' })
  await page.addInitScript(watchConnections)
  if (before) await page.addInitScript(before)
  await page.goto(person.joinUrl)
  await page.waitForURL(/\/classes\//)
  await page.goto(`${page.url()}${page.url().includes('?') ? '&' : '?'}${search}`)
  await page.getByRole('status', { name: 'Connection' }).getByText('Connected').waitFor()
  return { name, personId: person.personId, page, context }
}

/** Keeps the page's peer connections where a test can ask them for their statistics. */
function watchConnections(): void {
  const Real = window.RTCPeerConnection
  const connections: RTCPeerConnection[] = []
  Object.assign(window, { testConnections: connections })
  window.RTCPeerConnection = class extends Real {
    constructor(...args: ConstructorParameters<typeof Real>) {
      super(...args)
      connections.push(this)
    }
  }
}
