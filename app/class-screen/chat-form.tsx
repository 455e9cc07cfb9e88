import { type FormEvent, useState } from 'react'
import { useClass, useView } from '~/class-state/use-class'
import { useCommand } from '~/class-state/use-command'
import { useMessages } from '~/i18n/messages'
import { Button } from '~/ui/button'
import { Problem } from '~/ui/problem'

const LONGEST_MESSAGE = 1_000

export function ChatForm() {
  const m = useMessages()
  const may = useClass(({ you }) => you?.can.includes('chat:send') ?? false)
  const quiet = useView((view) => view.quiet)
  const { run, busy, problem } = useCommand()
  const [text, setText] = useState('')

  async function send(event: FormEvent): Promise<void> {
    event.preventDefault()
    const written = text.trim()
    if (written && (await run('chat:send', { text: written }))) setText((now) => (now === text ? '' : now))
  }

  if (!may) return <p className="muted small">{quiet ? m.bar.quietDetail : m.chat.off}</p>
  return (
    <form className="send" onSubmit={send}>
      <input
        className="input"
        aria-label={m.chat.message}
        placeholder={m.chat.message}
        maxLength={LONGEST_MESSAGE}
        value={text}
        dir="auto"
        autoComplete="off"
        onChange={(event) => setText(event.target.value)}
      />
      <Button type="submit" disabled={busy || text.trim() === ''}>
        {m.chat.send}
      </Button>
      <Problem>{problem}</Problem>
    </form>
  )
}
