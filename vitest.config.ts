import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const app = fileURLToPath(new URL('./app', import.meta.url))

/** Starting Redis or Postgres on a busy machine takes seconds; a test that needs longer says so itself. */
const INTEGRATION_TIMEOUT_MS = 30_000
/** Within the time of a test, so that the condition is named which did not come true; an idle machine takes ms. */
const INTEGRATION_POLL_TIMEOUT_MS = 15_000
const UNIT_POLL_TIMEOUT_MS = 4_000

export default defineConfig({
  resolve: { alias: { '~': app } },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['{app,server,egress,db,scripts}/**/*.test.{ts,tsx}', 'tests/house/*.test.ts'],
          expect: { poll: { timeout: UNIT_POLL_TIMEOUT_MS } },
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['tests/{integration,model,conformance}/**/*.test.ts'],
          testTimeout: INTEGRATION_TIMEOUT_MS,
          hookTimeout: INTEGRATION_TIMEOUT_MS,
          expect: { poll: { timeout: INTEGRATION_POLL_TIMEOUT_MS } },
        },
      },
    ],
  },
})
