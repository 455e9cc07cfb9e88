import { expect, test } from 'vitest'
import { FULL_PARTS, toInitLine, toRunLine, toRunLines } from '../../tests/support/run-lines'
import { parseJournalLine } from './journal'

test('[JRN1] every line that the worker writes is read', () => {
  const lines = [...toRunLines('run_a', 0, [{ parts: FULL_PARTS }]), '{"t":"end","reason":"stopped"}']
  expect(lines.map((line) => parseJournalLine(line).kind)).toEqual(lines.map(() => 'line'))
})

test('[JRN2] a line of a kind that a later worker may write is passed over', () => {
  expect(parseJournalLine('{"t":"note","text":"x"}')).toEqual({ kind: 'unknown' })
})

test('[JRN3] half a line, another type or a number out of its range is garbage', () => {
  const whole = toInitLine('main', 0)
  const wrong = [
    '',
    'null',
    '[]',
    '"run"',
    '{}',
    '{"t":7}',
    whole.slice(0, -1),
    whole.replace('"size":700', '"size":-1'),
    whole.replace('"size":700', '"size":"700"'),
    toRunLine('run_a').replace('"v":1', '"v":2'),
  ]
  for (const text of wrong) expect(parseJournalLine(text), text).toEqual({ kind: 'garbage' })
})

test('[JRN4] a file name that leads out of its run is garbage', () => {
  for (const file of ['../x.mp4', '/etc/passwd', 'a/b.mp4', '.hidden', '..', 'a\\b', 'a%2fb', '']) {
    const text = toInitLine('main', 0).replace('main-init-0.mp4', file)
    expect(parseJournalLine(text).kind, file).toBe('garbage')
  }
})
