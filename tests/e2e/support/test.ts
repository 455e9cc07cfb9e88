import { test as base } from '@playwright/test'
import { endClasses } from './school'

/** What one test leaves open, the machine's two cores would have to carry through the next, also after a failure. */
export const test = base.extend<{ schoolIsOut: undefined }>({
  schoolIsOut: [
    async ({ browser }, use) => {
      await use(undefined)
      await Promise.all(browser.contexts().map((context) => context.close()))
      await endClasses()
    },
    { auto: true },
  ],
})
