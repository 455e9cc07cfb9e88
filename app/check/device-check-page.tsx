import { useState } from 'react'
import { useMessages } from '~/i18n/messages'
import { Brand } from '~/ui/brand'
import { Button } from '~/ui/button'
import { type CheckName, type CheckResult, checkNames, runChecks } from './checks'

type Results = Partial<Record<CheckName, CheckResult | 'running'>>

export function DeviceCheckPage() {
  const m = useMessages()
  const [results, setResults] = useState<Results>({})
  const running = Object.values(results).includes('running')
  const begun = Object.keys(results).length > 0

  function start(): void {
    setResults(Object.fromEntries(checkNames.map((name) => [name, 'running'])))
    runChecks((name, result) => setResults((now) => ({ ...now, [name]: result })))
  }

  return (
    <main className="page page-check">
      <Brand />
      <div className="card">
        <div className="stack">
          <h1>{m.check.heading}</h1>
          <p className="muted">{m.check.intro}</p>
        </div>
        <div>
          <Button look="primary" disabled={running} onClick={start}>
            {begun ? m.check.again : m.check.run}
          </Button>
        </div>
        <ul className="check-list" aria-live="polite">
          {checkNames.map((name) => (
            <CheckRow key={name} name={name} result={results[name]} />
          ))}
        </ul>
      </div>
    </main>
  )
}

const looks = { ok: 'badge badge-good', problem: 'badge badge-live', unknown: 'badge' } as const

function CheckRow({ name, result }: { name: CheckName; result: CheckResult | 'running' | undefined }) {
  const m = useMessages()
  const done = result && result !== 'running' ? result : null
  const short = done ? m.check[done.outcome] : result ? m.check.checking : m.check.unknown
  return (
    <li data-check={name} data-outcome={done?.outcome}>
      <strong>{m.check.items[name]}</strong>
      <span className={done ? looks[done.outcome] : 'badge'}>{short}</span>
      <span className="check-words small">
        {done ? wordsOf(name, done) : <span className="muted">{m.check.about[name]}</span>}
      </span>
    </li>
  )

  function wordsOf(check: CheckName, { outcome, words, seconds = 0 }: CheckResult): string {
    if (words === 'clock') return m.check.clockOff(seconds)
    if (words in m.devices && (check === 'camera' || check === 'microphone')) {
      return m.devices[words as 'denied']
    }
    if (outcome === 'ok') return m.check.about[check]
    return m.check.advice[words] ?? m.check.about[check]
  }
}
