import { expect } from '@playwright/test'
import {
  AUDIBLE,
  broadcast,
  broadcastLoudness,
  expectMoving,
  liveLoudness,
  pictureOf,
  publishedVideo,
  transportsOf,
} from './support/media'
import { comeOnStage } from './support/on-stage'
import { type Attendee, attend, createClass } from './support/school'
import { test } from './support/test'
import { noteWords } from './support/watching'
import { findWorkerPid } from './support/worker-process'

const tierOf = (who: Attendee) => who.page.getByRole('main').getAttribute('data-tier')

async function goLive(teacher: Attendee): Promise<void> {
  await teacher.page.getByRole('button', { name: 'Turn camera on' }).click()
  await teacher.page.getByRole('button', { name: 'Unmute microphone' }).click()
  await teacher.page.getByRole('button', { name: 'Start class' }).click()
}

test('a class of two seats: seats, overflow, hand, stage, question, reload, and a killed worker', async ({
  browser,
}) => {
  test.setTimeout(300_000)
  const schoolClass = await createClass({ title: 'Waves', seats: 2, languages: ['en', 'de'] })
  const teacher = await attend(browser, schoolClass, 'Tara', 'teacher')
  const students: Attendee[] = []
  for (const name of ['Ann', 'Ben', 'Cleo', 'Dan']) {
    students.push(
      await attend(browser, schoolClass, name, 'student', { language: name === 'Dan' ? 'de' : 'en' }),
    )
  }
  const [ann, ben, cleo, dan] = students as [Attendee, Attendee, Attendee, Attendee]
  const everyone = [teacher, ...students]
  // The origin begins anew just as Cleo comes.
  let refused = 0
  await cleo.page.route(/index\.m3u8/, (route) =>
    refused++ < 2 ? route.fulfill({ status: 502 }) : route.continue(),
  )

  await test.step('before the start students wait, in order', async () => {
    expect(await Promise.all(students.map(tierOf))).toEqual(['waiting', 'waiting', 'waiting', 'waiting'])
  })

  await test.step('two are in the room over WebRTC, two watch over HLS, all see the teacher move', async () => {
    await goLive(teacher)
    for (const who of [ann, ben]) await expectMoving(pictureOf(who.page, 'Tara'))
    for (const who of [cleo, dan]) await expectMoving(broadcast(who.page))
    expect(await Promise.all(students.map(tierOf))).toEqual(['seat', 'seat', 'overflow', 'overflow'])
    await expect(cleo.page.getByText(/\d+(\.\d)? s behind live/)).toBeVisible()
    expect(await publishedVideo(teacher.page)).toEqual([{ codec: 'video/H264', layers: 2 }])
    const options = await ann.page.evaluate(() => window.__amphi?.roomOptions)
    expect(options).toMatchObject({ adaptiveStream: true, dynacast: true })
    expect(options?.publishDefaults).toMatchObject({
      videoCodec: 'h264',
      simulcast: true,
      red: true,
      dtx: false,
    })
  })

  await test.step('nobody in the audience sends anything', async () => {
    for (const who of students) expect(await publishedVideo(who.page)).toEqual([])
  })

  await test.step('a hand from overflow comes on stage, is seen by teacher and seats, and heard', async () => {
    await comeOnStage(teacher, cleo)
    await expectMoving(pictureOf(teacher.page, 'Cleo'))
    await expectMoving(pictureOf(ann.page, 'Cleo'))
    await expect.poll(() => liveLoudness(teacher.page), { timeout: 20_000 }).toBeGreaterThan(AUDIBLE)
    expect(await tierOf(cleo)).toBe('overflow')
  })

  await test.step('the broadcast carries the voice of the speaker while the teacher is muted', async () => {
    await teacher.page.getByRole('button', { name: 'Mute microphone', exact: true }).click()
    await cleo.page.getByRole('button', { name: 'Mute microphone', exact: true }).click()
    await dan.page.getByRole('button', { name: 'Turn sound on' }).click()
    // All fake microphones beep alike: only after silence it is known whose is heard.
    await expect.poll(() => broadcastLoudness(dan.page), { timeout: 20_000 }).toBeLessThan(AUDIBLE / 2)
    await cleo.page.getByRole('button', { name: 'Unmute microphone' }).click()
    await expect.poll(() => broadcastLoudness(dan.page), { timeout: 20_000 }).toBeGreaterThan(AUDIBLE)
    await teacher.page.getByRole('button', { name: 'Unmute microphone' }).click()
  })

  await test.step('a reload keeps seat and stage', async () => {
    await ann.page.reload()
    await expectMoving(pictureOf(ann.page, 'Tara'))
    expect(await tierOf(ann)).toBe('seat')
    await cleo.page.reload()
    await cleo.page.getByRole('button', { name: 'Leave the stage' }).waitFor()
    const on = teacher.page.getByRole('region', { name: 'On stage' })
    await expect(on.getByRole('button', { name: 'Remove Cleo from stage' })).toBeVisible()
    await teacher.page.reload()
    await teacher.page.getByRole('button', { name: 'End class' }).waitFor()
    await expect(on.getByRole('button', { name: 'Remove Cleo from stage' })).toBeVisible()
  })

  await test.step('the teacher comes back from the reload and is seen again', async () => {
    const camera = teacher.page.getByRole('button', { name: 'Turn camera on' })
    if (await camera.isVisible()) await camera.click()
    await expectMoving(pictureOf(ben.page, 'Tara'))
    await expectMoving(broadcast(dan.page))
  })

  await test.step('removed from the stage, the student watches the broadcast again', async () => {
    await teacher.page.getByRole('button', { name: 'Remove Cleo from stage' }).click()
    await expectMoving(broadcast(cleo.page))
    await expect(cleo.page.getByRole('button', { name: 'Leave the stage' })).toHaveCount(0)
    await expect.poll(() => publishedVideo(cleo.page)).toEqual([])
  })

  await test.step('the question on screen is there for all, in their language', async () => {
    await teacher.page.getByRole('textbox', { name: 'Text to show' }).fill('What is a wave?')
    const translations = teacher.page.getByRole('group', { name: 'Translations' })
    await translations.getByRole('textbox').first().fill('Was ist eine Welle?')
    await teacher.page.getByRole('button', { name: 'Show on screen' }).last().click()
    for (const who of everyone) {
      const text = who === dan ? 'Was ist eine Welle?' : 'What is a wave?'
      await expect(who.page.getByRole('region', { name: 'Question on screen' })).toContainText(text)
    }
  })

  await test.step('the worker is killed: the picture moves again without a reload', async () => {
    const born = await dan.page.evaluate(() => performance.timeOrigin)
    const told = noteWords(dan.page, 'restarting')
    process.kill(findWorkerPid(), 'SIGKILL')
    await told
    for (const who of [cleo, dan]) await expectMoving(broadcast(who.page), 60)
    expect(await dan.page.evaluate(() => performance.timeOrigin)).toBe(born)
  })

  await test.step('the end is the end for everybody', async () => {
    await teacher.page.getByRole('button', { name: 'End class' }).click()
    const dialog = teacher.page.getByRole('dialog', { name: 'End class for everyone?' })
    await dialog.getByRole('button', { name: 'End class' }).click()
    await expect(teacher.page.getByRole('link', { name: 'Download attendance' })).toBeVisible()
    for (const who of students) await expect(who.page.getByRole('heading', { name: /ended/i })).toBeVisible()
  })
})

test('a student whose network blocks UDP comes on stage all the same', async ({ playwright, browser }) => {
  test.setTimeout(180_000)
  const schoolClass = await createClass({ title: 'Blocked', seats: 0 })
  const teacher = await attend(browser, schoolClass, 'Tara', 'teacher')
  const { launchOptions } = test.info().project.use
  const blocked = await playwright.chromium.launch({
    ...launchOptions,
    args: [...(launchOptions?.args ?? []), '--webrtc-ip-handling-policy=disable_non_proxied_udp'],
  })
  const student = await attend(blocked, schoolClass, 'Uma', 'student')
  await goLive(teacher)
  await expectMoving(broadcast(student.page))
  await comeOnStage(teacher, student)
  await expectMoving(pictureOf(teacher.page, 'Uma'))
  const transports = await transportsOf(student.page)
  expect(transports.length).toBeGreaterThan(0)
  expect(new Set(transports)).toEqual(new Set(['tcp']))
  await blocked.close()
})
