import { useMessages } from '~/i18n/messages'

type Props = { places: { id: string; label: string; count?: number }[] }

/** On a phone everything is one long column: a way to each part of it. */
export function JumpBar({ places }: Props) {
  const m = useMessages()
  return (
    <nav className="jump-bar" aria-label={m.bar.jump}>
      {places.map(({ id, label, count }) => (
        <a key={id} href={`#${id}`}>
          {label}
          {count !== undefined && count > 0 && <span className="count numbers">{count}</span>}
        </a>
      ))}
    </nav>
  )
}
