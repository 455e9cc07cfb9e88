import type { Page } from '@playwright/test'

declare global {
  interface Window {
    testMediaKeys: Map<MediaSessionAction, MediaSessionActionHandler>
    /** How many of its locks keep the screen on now. */
    testScreenLocks: number
  }
}

/** Runs in the page before its scripts: a browser without a screen has no media keys and nothing that goes dark. */
export function standInForThePhone(): void {
  const { mediaSession } = navigator
  const keys: Window['testMediaKeys'] = new Map()
  window.testMediaKeys = keys
  window.testScreenLocks = 0
  const setActionHandler = mediaSession.setActionHandler.bind(mediaSession)
  mediaSession.setActionHandler = (action, handler) => {
    setActionHandler(action, handler)
    if (handler) keys.set(action, handler)
    else keys.delete(action)
  }
  Object.defineProperty(navigator, 'wakeLock', {
    value: {
      async request() {
        window.testScreenLocks++
        return { release: async () => void window.testScreenLocks-- }
      },
    },
  })
}

/** The key of a headset, a keyboard or the lock screen. */
export async function pressMediaKey(page: Page, action: MediaSessionAction): Promise<void> {
  await page.evaluate((pressed) => {
    const run = window.testMediaKeys.get(pressed)
    if (!run) throw new Error(`nothing listens to ${pressed}`)
    run({ action: pressed })
  }, action)
}

/** What the telephone knows: what it calls that which plays, whether it does, and whether the screen stays on. */
export function phoneOf(page: Page): Promise<{ title?: string; state: string; screenOn: boolean }> {
  return page.evaluate(() => ({
    title: navigator.mediaSession.metadata?.title,
    state: navigator.mediaSession.playbackState,
    screenOn: window.testScreenLocks > 0,
  }))
}
