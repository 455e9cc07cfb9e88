/**
 * Takes the pictures of docs/screens.md: a class of its own with everybody in it, each role on a laptop and a phone.
 * `node --import tsx scripts/screens.ts`, after `npm test` has installed and built what it needs.
 */
import { join } from 'node:path'
import { chromium, type Page } from 'playwright'
import config from '../playwright.config'
import { studentAtHome, teacherAtTheBoard } from '../tests/e2e/support/drawn-camera'
import { expectMoving } from '../tests/e2e/support/media'
import { attend, createClass } from '../tests/e2e/support/school'
import { startTestStack } from '../tests/support/stack'
import { ROOT } from './stack/paths'

const DIRECTORY = join(ROOT, 'docs/screens')
const laptop = { width: 1280, height: 720 }
const phone = { width: 360, height: 740 }
/** Enough for the picture to be sharp, little enough for a machine that carries a whole class. */
const search = 'capture=640x360x15'

const stack = await startTestStack()
process.env.AMPHI_URL = stack.url
process.env.ADMIN_API_KEY = stack.config.adminApiKey
const browser = await chromium.launch(config.use?.launchOptions)
try {
  await takeScreens()
} finally {
  await browser.close()
  await stack.stop()
}

async function takeScreens(): Promise<void> {
  const schoolClass = await createClass({ title: 'Waves and sound', seats: 2, languages: ['en', 'de', 'ar'] })
  const enter = async (
    name: string,
    role: 'teacher' | 'student',
    options: { before?: () => void; language?: string } = {},
  ) => (await attend(browser, schoolClass, name, role, { viewport: laptop, search, ...options })).page

  const teacher = await enter('Tara Nwosu', 'teacher', { before: teacherAtTheBoard })
  await press(teacher, 'Turn camera on')
  await press(teacher, 'Unmute microphone')
  await press(teacher, 'Start class')
  const speaker = await enter('Ben Okafor', 'student', { before: studentAtHome })
  const seated = await enter('Ann Kowalska', 'student')
  const watching = await enter('Omar Haddad', 'student', { language: 'ar' })
  const invited = await enter('Cleo Martin', 'student', { before: studentAtHome })
  await expectMoving(watching.locator('video[aria-label="Class broadcast"]'))

  await press(speaker, 'Raise hand')
  await press(teacher, 'Invite Ben Okafor with camera')
  await press(speaker, 'Check microphone and camera')
  await speaker.getByRole('switch', { name: 'Microphone on when I join' }).click()
  await press(speaker, 'Join the stage')
  await press(speaker, 'Turn camera off', 'see')

  await ask(seated, 'Why is the wave turned round at a fixed end?')
  await ask(watching, 'ماذا يحدث عند النهاية الحرة؟')
  const requests = teacher.getByRole('region', { name: 'Requests' })
  await requests
    .getByRole('listitem')
    .filter({ hasText: 'Ann' })
    .getByRole('button', { name: 'Publish' })
    .click()
  await press(watching, 'Vote')
  await say(seated, 'Good morning from Gdańsk!')
  await say(watching, 'صباح الخير')
  await say(teacher, 'We begin with the rope; listen for the echo.')
  await teacher.getByRole('textbox', { name: 'Text to show' }).fill('What happens to a wave at a fixed end?')
  const translations = teacher.getByRole('group', { name: 'Translations' })
  await translations
    .getByRole('textbox', { name: 'German' })
    .fill('Was geschieht mit einer Welle am festen Ende?')
  await translations.getByRole('textbox', { name: 'Arabic' }).fill('ماذا يحدث للموجة عند النهاية الثابتة؟')
  const composer = teacher.getByRole('region', { name: 'Put on screen' })
  await composer.getByRole('button', { name: 'Show on screen' }).click()
  await press(invited, 'Raise hand')
  await press(teacher, 'Invite Cleo Martin to speak', 'see')

  const shown = { speaker, seated, watching, invited }
  for (const page of Object.values(shown)) {
    await page
      .getByRole('region', { name: 'Question on screen' })
      .getByText(/fixed end|الثابتة/)
      .first()
      .waitFor()
  }
  await take(teacher, 'teacher')
  await take(seated, 'seat')
  await take(watching, 'overflow')
  await take(speaker, 'on-stage')
  await press(teacher, 'Invite Cleo Martin with camera')
  await press(invited, 'Check microphone and camera')
  await invited.getByRole('dialog').locator('video').waitFor()
  await take(invited, 'invitation')
}

async function press(page: Page, name: string, how: 'click' | 'see' = 'click'): Promise<void> {
  const button = page.getByRole('button', { name, exact: true }).first()
  if (how === 'click') await button.click()
  else await button.waitFor()
}

async function ask(page: Page, text: string): Promise<void> {
  await press(page, 'Ask a question')
  await page.getByRole('textbox', { name: 'Your question' }).fill(text)
  await press(page, 'Send question')
}

async function say(page: Page, text: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Message' }).fill(text)
  await page.getByRole('textbox', { name: 'Message' }).press('Enter')
  await page.getByRole('region', { name: 'Chat' }).getByText(text).waitFor()
}

/** On a laptop in light colours and on a phone in dark ones, each when its picture moves. */
async function take(page: Page, name: string): Promise<void> {
  for (const [device, viewport, colorScheme] of [
    ['laptop', laptop, 'light'],
    ['phone', phone, 'dark'],
  ] as const) {
    await page.setViewportSize(viewport)
    await page.emulateMedia({ colorScheme })
    await page.evaluate(() => {
      scrollTo(0, 0)
      for (const column of document.querySelectorAll('.column')) column.scrollTop = 0
    })
    await expectMoving(page.getByRole('region', { name: 'Stage' }).locator('video').first())
    await page.getByText('Waiting for the network').waitFor({ state: 'hidden' })
    await page.screenshot({ path: join(DIRECTORY, `${name}-${device}.png`), animations: 'disabled' })
  }
  await page.setViewportSize(laptop)
  await page.emulateMedia({ colorScheme: null })
}
