import { describe, expect, test } from 'vitest'
import { parseGoEvents, parsePlaywrightReport, parseVitestReport } from './reports'
import { withExit } from './stage'

describe('counts of vitest', () => {
  const file = (status: string, ...results: unknown[]) => ({ status, assertionResults: results })

  test('a file that does not load counts as one failure', () => {
    const report = { numPassedTests: 3, numFailedTests: 1, testResults: [file('failed'), file('failed', {})] }
    expect(parseVitestReport(JSON.stringify(report))).toEqual({ passed: 3, failed: 2 })
  })
})

describe('counts of Playwright', () => {
  test('flaky tests and errors outside of tests are failures', () => {
    const report = { stats: { expected: 5, unexpected: 1, flaky: 1, skipped: 0 }, errors: [{}] }
    expect(parsePlaywrightReport(JSON.stringify(report))).toEqual({ passed: 5, failed: 3 })
  })
})

describe('counts of go test', () => {
  const event = (Action: string, Package: string, Test?: string, Output?: string) =>
    JSON.stringify({ Action, Package, Test, Output })

  test('tests count, packages do not', () => {
    const events = [event('pass', 'a', 'TestOne'), event('pass', 'a', 'TestTwo'), event('pass', 'a')]
    expect(parseGoEvents(events)).toMatchObject({ passed: 2, failed: 0 })
  })

  test('a failed test is shown with its output and its package is not counted again', () => {
    const events = [
      event('output', 'a', 'TestOne', 'got 1'),
      event('fail', 'a', 'TestOne'),
      event('fail', 'a'),
    ]
    expect(parseGoEvents(events)).toEqual({ passed: 0, failed: 1, output: 'got 1' })
  })

  test('a package that does not build is one failure', () => {
    expect(parseGoEvents([event('output', 'a', undefined, 'undefined: x'), event('fail', 'a')])).toEqual({
      passed: 0,
      failed: 1,
      output: 'undefined: x',
    })
  })
})

test('a process that ends badly without a named failure is a failure', () => {
  expect(withExit({ passed: 4, failed: 0 }, 1)).toEqual({ passed: 4, failed: 1 })
  expect(withExit({ passed: 4, failed: 2 }, 1)).toEqual({ passed: 4, failed: 2 })
  expect(withExit({ passed: 4, failed: 0 }, 0)).toEqual({ passed: 4, failed: 0 })
})
