import { expect, it } from 'vitest'
import { toText } from './metrics'

it('writes what Prometheus reads: one head a family, labels escaped', () => {
  const text = toText([
    { name: 'http_answers_total', help: 'Answers', labels: { status: '2xx' }, value: 3 },
    { name: 'classes', help: 'Classes', value: 1 },
    { name: 'http_answers_total', help: 'Answers', labels: { status: '"\n' }, value: 1 },
  ])
  expect(text).toBe(
    [
      '# HELP amphi_http_answers_total Answers',
      '# TYPE amphi_http_answers_total counter',
      'amphi_http_answers_total{status="2xx"} 3',
      'amphi_http_answers_total{status="\\"\\n"} 1',
      '# HELP amphi_classes Classes',
      '# TYPE amphi_classes gauge',
      'amphi_classes 1',
      '',
    ].join('\n'),
  )
})
