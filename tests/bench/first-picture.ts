import type { Browser } from '@playwright/test'
import { broadcast } from '../e2e/support/media'
import { attend, type SchoolClass } from '../e2e/support/school'

declare global {
  interface Window {
    /** Ms since the page was asked for; null: not yet. */
    firstPicture?: { playAt: number | null; pictureAt: number | null; movingAt: number | null }
  }
}

/** What one viewer waited for, ms. */
export type FirstPicture = { fromPlay: number; fromPage: number; movingFromPlay: number }

/** Runs in the page before its own scripts: notes when the broadcast was told to play, and when it showed a picture. */
function installFirstPicture(): void {
  const kept: NonNullable<Window['firstPicture']> = { playAt: null, pictureAt: null, movingAt: null }
  window.firstPicture = kept
  const play = HTMLVideoElement.prototype.play
  HTMLVideoElement.prototype.play = function (this: HTMLVideoElement) {
    if (kept.playAt === null && this.ariaLabel === 'Class broadcast') {
      kept.playAt = performance.now()
      this.requestVideoFrameCallback((_now, first) => {
        kept.pictureAt = performance.now()
        const look = (_at: number, { mediaTime }: VideoFrameCallbackMetadata) => {
          if (mediaTime > first.mediaTime) kept.movingAt ??= performance.now()
          else this.requestVideoFrameCallback(look)
        }
        this.requestVideoFrameCallback(look)
      })
    }
    return play.call(this)
  }
}

/** A further viewer, who comes to a broadcast that is on and leaves again. */
export async function joinOnce(
  browser: Browser,
  schoolClass: SchoolClass,
  name: string,
): Promise<FirstPicture> {
  const { page, context } = await attend(browser, schoolClass, name, 'student', {
    before: installFirstPicture,
  })
  await broadcast(page).waitFor()
  const seen = await page.waitForFunction(() => {
    const { playAt, pictureAt, movingAt } = window.firstPicture ?? {}
    return playAt && pictureAt && movingAt ? { playAt, pictureAt, movingAt } : null
  })
  const { playAt, pictureAt, movingAt } = (await seen.jsonValue()) ?? { playAt: 0, pictureAt: 0, movingAt: 0 }
  await context.close()
  return { fromPlay: pictureAt - playAt, fromPage: pictureAt, movingFromPlay: movingAt - playAt }
}
