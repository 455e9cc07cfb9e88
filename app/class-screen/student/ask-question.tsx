import { type FormEvent, useEffect, useRef, useState } from 'react'
import { useCommand } from '~/class-state/use-command'
import { useMessages } from '~/i18n/messages'
import { Button } from '~/ui/button'
import { TextArea } from '~/ui/field'
import { Problem } from '~/ui/problem'
import { Switch } from '~/ui/switch'
import { useReception } from '../reception'

const LONGEST_QUESTION = 2_000

export function AskQuestion({ onSent, onCancel }: { onSent(): void; onCancel(): void }) {
  const m = useMessages()
  const { sawAt } = useReception()
  const { run, busy, problem } = useCommand()
  const [text, setText] = useState('')
  const [anonymous, setAnonymous] = useState(false)
  /** What the question is about was on show when they began to write, not when they had finished. */
  const [begunAt] = useState(sawAt)
  /** The focus brings only the field into view, not the button below it. */
  const form = useRef<HTMLFormElement>(null)
  useEffect(() => {
    form.current?.scrollIntoView({ block: 'nearest' })
  }, [])

  async function send(event: FormEvent): Promise<void> {
    event.preventDefault()
    const question = { text: text.trim(), sawAt: begunAt, ...(anonymous && { anonymous }) }
    if (question.text && (await run('question:ask', question))) onSent()
  }

  return (
    <form ref={form} className="card-plain stack ask" onSubmit={send}>
      <TextArea
        label={m.student.question}
        value={text}
        maxLength={LONGEST_QUESTION}
        rows={3}
        autoFocus
        onChange={(event) => setText(event.target.value)}
      />
      <div className="row row-between">
        <Switch label={m.student.anonymous} checked={anonymous} onChange={setAnonymous} />
        <div className="row">
          <Button look="quiet" onClick={onCancel}>
            {m.student.cancel}
          </Button>
          <Button type="submit" look="primary" disabled={busy || text.trim() === ''}>
            {m.student.sendQuestion}
          </Button>
        </div>
      </div>
      <Problem>{problem}</Problem>
    </form>
  )
}
