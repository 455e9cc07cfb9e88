import { expect, type Locator, type Page } from '@playwright/test'

/** More stops than any of our pages has: who needs more has lost the way. */
const MOST_STOPS = 120

/** Goes to something by the Tab key alone, as somebody without a mouse does. */
export async function tabTo(page: Page, target: Locator): Promise<void> {
  await expect(target).toBeVisible()
  for (let stop = 0; stop < MOST_STOPS; stop++) {
    const there = await target.evaluate((element) => element === document.activeElement)
    if (there) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`not reached by Tab: ${target}`)
}

export async function pressOn(page: Page, target: Locator, key: 'Enter' | 'Space' = 'Enter'): Promise<void> {
  await tabTo(page, target)
  await page.keyboard.press(key)
}

export async function typeInto(page: Page, target: Locator, text: string): Promise<void> {
  await tabTo(page, target)
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.type(text)
}

/** Nothing is cut off to the right: the page scrolls in one direction only. */
export async function expectFits(page: Page): Promise<void> {
  const over = await page.evaluate(() => {
    const root = document.documentElement
    return root.scrollWidth - root.clientWidth
  })
  expect(over, 'pixels wider than the screen').toBeLessThanOrEqual(0)
}
