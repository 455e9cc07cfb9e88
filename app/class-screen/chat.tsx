import { useEffect, useRef } from 'react'
import { useView } from '~/class-state/use-class'
import { useMessages } from '~/i18n/messages'
import { Panel } from '~/ui/panel'
import { ChatForm } from './chat-form'
import { ChatMessage } from './chat-message'

/** Nearer to the end than this, a reader is following: new messages scroll into view. */
const FOLLOWING_PX = 60

export function Chat({ id }: { id?: string }) {
  const m = useMessages()
  const messages = useView((view) => view.chat)
  const list = useRef<HTMLOListElement>(null)
  const follows = useRef(true)
  const newest = messages.at(-1)?.messageId
  useEffect(() => {
    const shown = list.current
    if (shown && newest && follows.current) shown.scrollTop = shown.scrollHeight
  }, [newest])
  const onScroll = () => {
    const shown = list.current
    if (shown) follows.current = shown.scrollHeight - shown.scrollTop - shown.clientHeight < FOLLOWING_PX
  }
  return (
    <Panel title={m.chat.region} id={id} className="chat">
      <ol
        ref={list}
        className="messages"
        role="log"
        aria-live="polite"
        aria-label={m.chat.region}
        onScroll={onScroll}
      >
        {messages.length === 0 && <li className="muted small">{m.chat.empty}</li>}
        {messages.map((message) => (
          <ChatMessage key={message.messageId} message={message} />
        ))}
      </ol>
      <ChatForm />
    </Panel>
  )
}
