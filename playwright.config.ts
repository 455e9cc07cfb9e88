import { defineConfig } from '@playwright/test'
import { findChromium } from './scripts/setup/packages'

/** A class with media on a busy machine of two cores: joining alone may take 15 s. */
const TEST_TIMEOUT_MS = 120_000
const EXPECT_TIMEOUT_MS = 15_000

/**
 * One stack for all tests is started by the global set-up, which puts its address into AMPHI_URL. Camera and microphone
 * are Chromium's fake ones; nothing is asked for. QUIC is off, as it is not what is tested.
 */
export default defineConfig({
  testDir: 'tests/e2e',
  globalSetup: './tests/e2e/global-setup.ts',
  outputDir: 'test-results',
  timeout: TEST_TIMEOUT_MS,
  expect: { timeout: EXPECT_TIMEOUT_MS },
  // every class needs the machine's cores for itself
  workers: 1,
  retries: 0,
  forbidOnly: process.env.CI === 'true',
  use: {
    baseURL: process.env.AMPHI_URL,
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: findChromium(process.env),
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--use-fake-device-for-media-stream',
        '--use-fake-ui-for-media-stream',
        '--autoplay-policy=no-user-gesture-required',
      ],
    },
  },
})
