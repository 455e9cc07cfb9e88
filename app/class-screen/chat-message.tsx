import { memo } from 'react'
import { useClass, useClassStore } from '~/class-state/use-class'
import { useMessages } from '~/i18n/messages'
import { Menu } from '~/ui/menu'
import type { ChatMessageView } from '../../server/classroom/view'

/** Long enough to calm down, short enough to come back to the lesson. */
const MUTE_MINUTES = 10

export const ChatMessage = memo(function ChatMessage({ message }: { message: ChatMessageView }) {
  const m = useMessages()
  const store = useClassStore()
  const moderates = useClass(({ you }) => you?.can.includes('chat:remove') ?? false)
  const { messageId, personId, name, role, text, at } = message
  const remove = { label: m.chat.remove(name), run: () => void store.command('chat:remove', { messageId }) }
  const mute = {
    label: m.chat.mute(name),
    run: () => void store.command('chat:mute', { personId, minutes: MUTE_MINUTES }),
  }
  return (
    <li className="message">
      <p className="message-head">
        <strong className="ellipsis">{name}</strong>
        {role !== 'student' && <span className="badge">{m.start.role[role]}</span>}
        <time className="muted small numbers" dateTime={new Date(at).toISOString()}>
          {new Date(at).toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit' })}
        </time>
        {moderates && (
          <Menu
            label={m.people.more(name)}
            icon="more"
            iconOnly
            small
            entries={role === 'student' ? [remove, mute] : [remove]}
          />
        )}
      </p>
      <p dir="auto" className="message-text">
        {text}
      </p>
    </li>
  )
})
