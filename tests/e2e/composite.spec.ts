import { expect } from '@playwright/test'
import { AUDIBLE, attachedLoudness, expectMoving, noteSounds } from './support/media'
import { attend, createClass } from './support/school'
import { toDevices } from './support/stand-in-devices'
import { test } from './support/test'

/** What livekit/egress films, and the words it waits for. */
test('the page for a recorder shows the stage at 720p, says when it begins, and when the class is over', async ({
  browser,
}) => {
  test.setTimeout(180_000)
  const schoolClass = await createClass({ title: 'Filmed', seats: 1 })
  const teacher = await attend(browser, schoolClass, 'Tara', 'teacher', { before: toDevices('teacher') })
  await teacher.page.getByRole('button', { name: 'Turn camera on' }).click()
  await teacher.page.getByRole('button', { name: 'Unmute microphone' }).click()
  await teacher.page.getByRole('button', { name: 'Start class' }).click()

  const token = await recorderToken(schoolClass.id)
  const context = await browser.newContext({ viewport: { width: 1280, height: 720 } })
  const page = await context.newPage()
  await page.addInitScript(noteSounds)
  const words: string[] = []
  page.on('console', (message) => words.push(message.text()))
  const query = new URLSearchParams({ layout: 'speaker', url: 'ws://127.0.0.1:1', token })
  await page.goto(`${process.env.AMPHI_URL}/composite/${schoolClass.id}?${query}`)
  await expect.poll(() => words, { timeout: 40_000 }).toContain('START_RECORDING')
  await expectMoving(page.locator('video.composite-main'))
  const box = await page.locator('video.composite-main').boundingBox()
  expect(box).toMatchObject({ x: 0, y: 0, width: 1280, height: 720 })

  await test.step('its corner shows that it lives', async () => {
    const colour = () =>
      page.locator('.composite-pulse').evaluate((element) => getComputedStyle(element).backgroundColor)
    const before = await colour()
    await expect.poll(colour).not.toBe(before)
  })

  await test.step('everybody is heard', async () => {
    await expect.poll(() => attachedLoudness(page)).toBeGreaterThan(AUDIBLE)
    await teacher.page.getByRole('button', { name: 'Mute microphone', exact: true }).click()
    await expect.poll(() => attachedLoudness(page)).toBeLessThan(AUDIBLE / 2)
  })

  await test.step('a shared screen is large, with the teacher small beside it', async () => {
    await teacher.page.getByRole('button', { name: 'Share screen' }).click()
    await expectMoving(page.locator('video.composite-main[data-source="screen"]'), 3)
    const aside = page.locator('video.composite-aside[data-source="camera"]')
    await expectMoving(aside)
    expect((await aside.boundingBox())?.width).toBeLessThan(1280 / 3)
    await teacher.page.getByRole('button', { name: 'Stop sharing' }).click()
    await expect(page.locator('video.composite-main')).toHaveAttribute('data-source', 'camera')
    await expect(aside).toHaveCount(0)
  })

  expect(words).not.toContain('END_RECORDING')
  await teacher.page.getByRole('button', { name: 'End class' }).click()
  await teacher.page.getByRole('dialog').getByRole('button', { name: 'End class' }).click()
  await expect.poll(() => words, { timeout: 40_000 }).toContain('END_RECORDING')
})

/** As an assistant gets it: an engine makes one of its own, with the same key. */
async function recorderToken(classId: string): Promise<string> {
  const call = async (path: string, bearer: string | undefined, body: object) => {
    const response = await fetch(`${process.env.AMPHI_URL}/api/v1/classes/${classId}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    return response.json()
  }
  const person = await call('/people', process.env.ADMIN_API_KEY, { name: 'Recorder', role: 'assistant' })
  const joined = await call('/join', person.token, {})
  return joined.livekit.token
}
