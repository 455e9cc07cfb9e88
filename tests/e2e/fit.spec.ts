import { expect } from '@playwright/test'
import { expectFits } from './support/keyboard'
import { attend, createClass } from './support/school'
import { test } from './support/test'

const phone = { width: 360, height: 740 }
/** As long as the form lets one write, in one word: nothing to break it at. */
const LONGEST_NAME = 'Wolfeschlegelsteinhausenbergerdorff'.repeat(3).slice(0, 80)
const LONGEST_TITLE = 'Thermodynamics and statistical mechanics of very small systems. '
  .repeat(4)
  .slice(0, 200)

test('long names and titles push nothing off the screen', async ({ browser }) => {
  const schoolClass = await createClass({ title: LONGEST_TITLE, seats: 0 })
  const teacher = await attend(browser, schoolClass, 'Tara', 'teacher')
  const student = await attend(browser, schoolClass, LONGEST_NAME, 'student', { viewport: phone })
  const { page } = student

  await test.step('the waiting page, the start page and the way back in', async () => {
    await expectFits(page)
    const here = page.url()
    await page.goto('/')
    await expect(page.getByRole('link', { name: LONGEST_NAME })).toBeVisible()
    await expectFits(page)
    await page.goto(`/join/${schoolClass.code}`)
    await expect(page.getByRole('link', { name: `Continue as ${LONGEST_NAME}` })).toBeVisible()
    await expectFits(page)
    await page.goto(here)
  })

  await test.step('the teacher reaches the buttons beside the name', async () => {
    const people = teacher.page.getByRole('region', { name: 'People' })
    await expect(people.getByRole('button', { name: `Deny ${LONGEST_NAME}` })).toBeInViewport({ ratio: 1 })
    await teacher.page.getByRole('button', { name: 'Start class' }).click()
    await people.getByRole('button', { name: `More about ${LONGEST_NAME}` }).click()
    const last = teacher.page.getByRole('menuitem', { name: 'Remove from class' })
    await expect(last).toBeInViewport({ ratio: 1 })
    await teacher.page.keyboard.press('Escape')
  })

  await test.step('menus and forms of a phone are on the screen as a whole', async () => {
    await expect(page.getByRole('main')).toHaveAttribute('data-tier', 'overflow')
    await expectFits(page)
    await page.getByRole('button', { name: 'Quality' }).click()
    await expect(page.getByRole('menuitem', { name: 'Audio only' })).toBeInViewport({ ratio: 1 })
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Ask a question' }).click()
    await expect(page.getByRole('button', { name: 'Send question' })).toBeInViewport({ ratio: 1 })
    await page.getByRole('textbox', { name: 'Your question' }).fill('Why?')
    await page.getByRole('button', { name: 'Send question' }).click()
    await expect(page.getByText('Your question was sent')).toBeVisible()
  })
})
