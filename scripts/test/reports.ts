import { z } from 'zod'
import type { Counts } from './stage'

const vitestReport = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  testResults: z.array(z.object({ status: z.string(), assertionResults: z.array(z.unknown()) })),
})

/** Of vitest's JSON reporter. A file that could not even be loaded counts as one failure. */
export function parseVitestReport(text: string): Counts {
  const report = vitestReport.parse(JSON.parse(text))
  const unloaded = report.testResults.filter((file) => isUnloaded(file.status, file.assertionResults))
  return { passed: report.numPassedTests, failed: report.numFailedTests + unloaded.length }
}

const isUnloaded = (status: string, results: unknown[]) => status === 'failed' && results.length === 0

const playwrightReport = z.object({
  stats: z.object({ expected: z.number(), unexpected: z.number(), flaky: z.number() }),
  errors: z.array(z.unknown()),
})

/** Of Playwright's JSON reporter. A flaky test failed once, so it failed; errors are those outside of any test. */
export function parsePlaywrightReport(text: string): Counts {
  const { stats, errors } = playwrightReport.parse(JSON.parse(text))
  return { passed: stats.expected, failed: stats.unexpected + stats.flaky + errors.length }
}

const goEvent = z.object({
  Action: z.string(),
  Package: z.string().optional(),
  Test: z.string().optional(),
  Output: z.string().optional(),
})

/** Of `go test -json`: each test and subtest counts; a package that failed without one (it does not build) is one. */
export function parseGoEvents(lines: string[]): Counts & { output: string } {
  const events = lines.flatMap((line) => {
    const event = line.startsWith('{') ? goEvent.safeParse(JSON.parse(line)) : undefined
    return event?.success ? [event.data] : []
  })
  const tests = events.filter((event) => event.Test !== undefined)
  const failedTests = tests.filter((event) => event.Action === 'fail')
  const explained = new Set(failedTests.map((event) => event.Package))
  const failedPackages = events.filter(
    (event) => event.Action === 'fail' && event.Test === undefined && !explained.has(event.Package),
  )
  const failed = new Set([...failedTests, ...failedPackages].map(({ Package, Test }) => `${Package} ${Test}`))
  const output = events
    .filter(
      ({ Action, Package, Test }) => /output/.test(Action) && (failed.has(`${Package} ${Test}`) || !Package),
    )
    .map((event) => event.Output ?? '')
  return {
    passed: tests.filter((event) => event.Action === 'pass').length,
    failed: failed.size,
    output: output.join(''),
  }
}
