import { expect, type Page } from '@playwright/test'
import { expectFits, pressOn, tabTo, typeInto } from './support/keyboard'
import { test } from './support/test'

const screens = [
  { name: 'phone', viewport: { width: 360, height: 740 } },
  { name: 'desktop', viewport: { width: 1366, height: 768 } },
]

function button(page: Page, name: string) {
  return page.getByRole('button', { name, exact: true })
}

for (const { name, viewport } of screens) {
  test(`a whole class with the keyboard alone, on a ${name}`, async ({ browser }) => {
    test.setTimeout(180_000)
    const open = async (): Promise<Page> => {
      const context = await browser.newContext({ viewport, permissions: ['camera', 'microphone'] })
      const page = await context.newPage()
      await page.goto('/')
      return page
    }
    const teacher = await open()
    const student = await open()

    await test.step('the teacher creates a class', async () => {
      await expect(teacher.getByRole('heading', { name: 'Start a class' })).toBeVisible()
      await expectFits(teacher)
      await typeInto(teacher, teacher.getByRole('textbox', { name: 'Title' }), 'Optics')
      await typeInto(teacher, teacher.getByRole('spinbutton', { name: 'Live seats' }), '1')
      await pressOn(teacher, button(teacher, 'Create class'))
      await expect(teacher.getByRole('main')).toHaveAttribute('data-role', 'teacher')
      await expectFits(teacher)
    })

    await test.step('a student enters by the code and waits', async () => {
      const code = (await teacher.getByText(/Code [A-Z-]+/).textContent())?.replace(/^.*Code /, '') ?? ''
      await typeInto(student, student.getByRole('textbox', { name: 'Class code' }), code)
      await pressOn(student, button(student, 'Go'))
      await typeInto(student, student.getByRole('textbox', { name: 'Your name' }), 'Sam')
      await expectFits(student)
      await pressOn(student, button(student, 'Join class'))
      await expect(student.getByRole('main')).toHaveAttribute('data-tier', 'waiting')
      await expectFits(student)
    })

    await test.step('the class starts and the student has a seat', async () => {
      await pressOn(teacher, button(teacher, 'Start class'))
      await expect(student.getByRole('main')).toHaveAttribute('data-tier', 'seat')
      await expectFits(student)
    })

    await test.step('they write in the chat', async () => {
      const chat = student.getByRole('region', { name: 'Chat' })
      await typeInto(student, chat.getByRole('textbox', { name: 'Message' }), 'Good morning')
      await pressOn(student, chat.getByRole('button', { name: 'Send' }))
      await expect(teacher.getByRole('region', { name: 'Chat' })).toContainText('Good morning')
    })

    await test.step('the student raises a hand, is invited, checks nothing and joins the stage', async () => {
      await pressOn(student, button(student, 'Raise hand'))
      await expect(button(student, 'Lower hand')).toBeVisible()
      const requests = teacher.getByRole('region', { name: 'Requests' })
      await pressOn(teacher, requests.getByRole('button', { name: 'Invite Sam to speak' }))
      const dialog = student.getByRole('dialog', { name: 'You are invited to speak' })
      await expect(dialog).toBeVisible()
      await expectFits(student)
      await pressOn(student, dialog.getByRole('button', { name: 'Join the stage' }))
      await expect(button(student, 'Leave the stage')).toBeVisible()
      const on = teacher.getByRole('region', { name: 'On stage' })
      await expect(on.getByRole('button', { name: 'Remove Sam from stage' })).toBeVisible()
      await pressOn(student, button(student, 'Leave the stage'))
      await expect(on.getByRole('button', { name: 'Remove Sam from stage' })).toHaveCount(0)
    })

    await test.step('the teacher puts a question on screen and takes it away', async () => {
      await typeInto(teacher, teacher.getByRole('textbox', { name: 'Text to show' }), 'What bends light?')
      await tabTo(teacher, button(teacher, 'Show on screen').last())
      await teacher.keyboard.press('Enter')
      const shown = student.getByRole('region', { name: 'Question on screen' })
      await expect(shown).toContainText('What bends light?')
      await expectFits(student)
      await pressOn(teacher, button(teacher, 'Clear screen'))
      await expect(shown).not.toContainText('What bends light?')
    })

    await test.step('the class ends for everyone', async () => {
      await pressOn(teacher, button(teacher, 'End class'))
      const dialog = teacher.getByRole('dialog', { name: 'End class for everyone?' })
      await pressOn(teacher, dialog.getByRole('button', { name: 'End class' }))
      await expect(teacher.getByRole('link', { name: 'Download attendance' })).toBeVisible()
      await expect(student.getByRole('heading', { name: /ended/i })).toBeVisible()
      await expectFits(student)
      await expectFits(teacher)
    })
  })
}
