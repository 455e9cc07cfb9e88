import { stat } from 'node:fs/promises'
import { expect } from '@playwright/test'
import { pressOn } from './support/keyboard'
import { broadcast, expectMoving } from './support/media'
import { attend, createClass } from './support/school'
import { test } from './support/test'

/** Nothing sticks out to the side. */
const fits = () => document.documentElement.scrollWidth <= document.documentElement.clientWidth

test('a class is recorded from a button on, told to all, watched again, downloaded, and deleted', async ({
  browser,
}) => {
  test.setTimeout(240_000)
  const schoolClass = await createClass({ title: 'Waves', seats: 0, recording: 'on' })
  const teacher = await attend(browser, schoolClass, 'Tara', 'teacher')
  const student = await attend(browser, schoolClass, 'Ann', 'student', {
    viewport: { width: 360, height: 740 },
  })
  const notice = student.page.getByText('This class is recorded', { exact: true })
  const isToldAtTheDoor = async () => {
    const door = await student.context.newPage()
    await door.goto(schoolClass.links.student)
    await expect(door.getByText('This class is recorded')).toBeVisible()
    await door.close()
  }
  const stopRecording = async () => {
    await teacher.page.getByRole('button', { name: 'Stop recording' }).click()
    const dialog = teacher.page.getByRole('dialog', { name: 'Stop the recording?' })
    await dialog.getByRole('button', { name: 'Stop recording' }).click()
  }

  await test.step('a class that will be recorded says so before it begins, until the teacher says no', async () => {
    for (const { page } of [teacher, student]) {
      await expect(page.getByText('This class is recorded', { exact: true })).toBeVisible()
      await expect(page.getByTitle('The recording begins with the class.')).toBeVisible()
    }
    expect(await student.page.evaluate(fits)).toBe(true)
    await isToldAtTheDoor()
    await stopRecording()
    await expect(notice).toHaveCount(0)
  })

  await test.step('nothing is recorded before somebody switches it on', async () => {
    await teacher.page.getByRole('button', { name: 'Turn camera on' }).click()
    await teacher.page.getByRole('button', { name: 'Unmute microphone' }).click()
    await teacher.page.getByRole('button', { name: 'Start class' }).click()
    await expectMoving(broadcast(student.page))
    await expect(notice).toHaveCount(0)
    await teacher.page.getByRole('textbox', { name: 'Text to show' }).fill('Just between us')
    await teacher.page.getByRole('button', { name: 'Show on screen' }).last().click()
    await expect(student.page.getByRole('region', { name: 'Question on screen' })).toContainText(
      'Just between',
    )
    await teacher.page.getByRole('button', { name: 'Clear screen' }).click()
  })

  await test.step('the teacher records after being asked, and everyone is told, aloud too', async () => {
    await teacher.page.getByRole('button', { name: 'Record class' }).click()
    const dialog = teacher.page.getByRole('dialog', { name: 'Record this class?' })
    await dialog.getByRole('button', { name: 'Record', exact: true }).click()
    for (const { page } of [teacher, student]) {
      await expect(page.getByText('This class is recorded', { exact: true })).toBeVisible()
      await expect(page.getByRole('status', { name: 'Recording' })).toHaveText(/recorded from now on/)
    }
    expect(await student.page.evaluate(fits)).toBe(true)
    await isToldAtTheDoor()
  })

  await test.step('some seconds with a question on screen', async () => {
    await teacher.page.getByRole('textbox', { name: 'Text to show' }).fill('What is a wave?')
    const shownAt = Date.now()
    await teacher.page.getByRole('button', { name: 'Show on screen' }).last().click()
    await expect(student.page.getByRole('region', { name: 'Question on screen' })).toContainText('wave')
    await expect.poll(() => Date.now() - shownAt, { timeout: 20_000 }).toBeGreaterThan(8_000)
  })

  await test.step('the recording stops when the teacher says so', async () => {
    await stopRecording()
    await expect(notice).toHaveCount(0)
    await expect(student.page.getByRole('status', { name: 'Recording' })).toHaveText(/has stopped/)
  })

  await test.step('right after the end it is watched again, from the chapter on, by keyboard', async () => {
    await teacher.page.getByRole('button', { name: 'End class' }).click()
    await teacher.page.getByRole('dialog').getByRole('button', { name: 'End class' }).click()
    await student.page.getByRole('link', { name: 'Watch replay' }).click()
    await expectMoving(broadcast(student.page), 5)
    const chapter = student.page
      .getByRole('navigation', { name: 'Chapters' })
      .getByRole('button', { name: 'What is a wave?' })
    await expect(chapter).toBeEnabled()
    await chapter.focus()
    await student.page.keyboard.press('Enter')
    await expectMoving(broadcast(student.page), 5)
    await expect(chapter).toHaveAttribute('aria-current', 'true')
    expect(await student.page.content()).not.toContain('Just between us')
    const seconds = await broadcast(student.page).evaluate((video) => (video as HTMLVideoElement).duration)
    expect(seconds).toBeGreaterThan(4)
    expect(seconds).toBeLessThan(60)
    for (const width of [360, 1366]) {
      await student.page.setViewportSize({ width, height: 760 })
      expect(await student.page.evaluate(fits)).toBe(true)
      // Beside or below the picture, not under it.
      await chapter.click({ trial: true })
    }
    await expect(student.page.getByRole('link', { name: 'Download recording' })).toHaveCount(0)
  })

  await test.step('staff download it as one file', async () => {
    const link = teacher.page.getByRole('link', { name: 'Download recording' })
    await expect(link).toBeVisible({ timeout: 40_000 })
    const [download] = await Promise.all([teacher.page.waitForEvent('download'), link.click()])
    expect(download.suggestedFilename()).toBe('recording.mp4')
    expect((await stat(await download.path())).size).toBeGreaterThan(50_000)
  })

  await test.step('everyone reads how long it is kept', async () => {
    await expect(teacher.page.getByText(/can watch the replay until \w+ \d+, \d{4}\./)).toBeVisible()
  })

  await test.step('deleted by the teacher, by keyboard, it is gone for everybody at once', async () => {
    const playlistUrl = await student.page.evaluate(
      () =>
        performance.getEntriesByType('resource').findLast(({ name }) => name.includes('.m3u8'))?.name ?? '',
    )
    expect((await student.page.request.get(playlistUrl)).status()).toBe(200)
    const opener = teacher.page.getByRole('button', { name: 'Delete recording' })
    await pressOn(teacher.page, opener)
    const dialog = teacher.page.getByRole('dialog', { name: 'Delete the recording?' })
    await expect(dialog).toBeVisible()
    await teacher.page.keyboard.press('Escape')
    await expect(dialog).toHaveCount(0)
    await expect(teacher.page.getByRole('link', { name: 'Watch replay' })).toBeVisible()
    await expect(opener).toBeFocused()
    await teacher.page.keyboard.press('Enter')
    await expect(dialog.getByRole('button', { name: 'Keep it' })).toBeVisible()
    await pressOn(teacher.page, dialog.getByRole('button', { name: 'Delete recording' }), 'Space')
    await expect(teacher.page.getByText('Its recording has been deleted.')).toBeVisible()
    await expect(teacher.page.getByRole('link', { name: 'Watch replay' })).toHaveCount(0)
    await expect
      .poll(async () => (await student.page.request.get(playlistUrl)).status(), { timeout: 10_000 })
      .toBe(410)
    await student.page.reload()
    await expect(student.page.getByText('Its recording has been deleted.')).toBeVisible()
  })
})
