import { expect, type Page } from '@playwright/test'
import { expectMoving, pictureOf } from './support/media'
import { attend, createClass } from './support/school'
import { test } from './support/test'

const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click()
/** What the page sends, unmuted, as LiveKit knows it. */
const sent = (page: Page) =>
  page.evaluate(() =>
    (window.__amphi?.published() ?? [])
      .filter(({ muted }) => !muted)
      .map(({ source }) => source)
      .filter((source) => source !== 'screen_share_audio')
      .sort(),
  )
/** LiveKit lets go of everything when the browser freezes a page, as it does after a loss it gives up on. */
const lose = async (page: Page) => {
  await page.evaluate(() => window.dispatchEvent(new Event('freeze')))
  await expect.poll(() => page.evaluate(() => window.__amphi?.connection())).toBe('disconnected')
  await expect.poll(() => page.evaluate(() => window.__amphi?.connection())).toBe('connected')
}

test('after a loss the teacher sends again what was on, and is told that the screen is not', async ({
  browser,
}) => {
  const schoolClass = await createClass({ title: 'Losses', seats: 1 })
  const { page } = await attend(browser, schoolClass, 'Tara', 'teacher')
  const ann = await attend(browser, schoolClass, 'Ann', 'student')
  for (const name of ['Turn camera on', 'Unmute microphone', 'Start class', 'Share screen']) {
    await press(page, name)
  }
  await expect.poll(() => sent(page)).toEqual(['camera', 'microphone', 'screen_share'])

  await lose(page)
  await expect.poll(() => sent(page)).toEqual(['camera', 'microphone'])
  await expect(page.getByRole('alert').filter({ hasText: 'Share it again' })).toBeVisible()
  await expectMoving(pictureOf(ann.page, 'Tara'))

  await press(page, 'Mute microphone')
  await lose(page)
  await expect.poll(() => sent(page)).toEqual(['camera'])
  await expect(page.getByRole('button', { name: 'Unmute microphone' })).toBeVisible()
})
