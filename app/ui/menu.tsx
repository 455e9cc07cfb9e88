import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react'
import { Icon, type IconName } from './icon'

export type MenuEntry = { label: string; chosen?: boolean; danger?: boolean; disabled?: boolean; run(): void }
type Props = {
  label: string
  icon?: IconName
  iconOnly?: boolean
  small?: boolean
  up?: boolean
  entries: readonly MenuEntry[]
  children?: ReactNode
}

/** A menu button as in the ARIA Authoring Practices: arrows move, Escape closes, focus goes back to the button. */
export function Menu({ label, icon, iconOnly, small, up, entries, children }: Props) {
  const [open, setOpen] = useState(false)
  const anchor = useRef<HTMLDivElement>(null)
  const button = useRef<HTMLButtonElement>(null)
  const list = useRef<HTMLDivElement>(null)

  useEffect(() => {
    if (!open) return
    items(list.current)[0]?.focus()
    const onPress = (event: PointerEvent) => {
      if (!anchor.current?.contains(event.target as Node)) setOpen(false)
    }
    document.addEventListener('pointerdown', onPress)
    return () => document.removeEventListener('pointerdown', onPress)
  }, [open])

  function close(): void {
    setOpen(false)
    button.current?.focus()
  }

  function onKeyDown(event: KeyboardEvent): void {
    const all = items(list.current)
    const at = all.indexOf(document.activeElement as HTMLElement)
    const next = { ArrowDown: at + 1, ArrowUp: at - 1 + all.length, Home: 0, End: all.length - 1 }[event.key]
    if (event.key === 'Escape') close()
    else if (event.key === 'Tab') setOpen(false)
    else if (next !== undefined) {
      event.preventDefault()
      all[next % all.length]?.focus()
    }
  }

  return (
    <div className="menu-anchor" ref={anchor}>
      <button
        ref={button}
        type="button"
        className={`button ${small ? 'button-small' : ''} ${iconOnly ? 'button-icon button-quiet' : ''}`}
        aria-haspopup="menu"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        {icon && <Icon name={icon} />}
        {iconOnly ? <span className="visually-hidden">{label}</span> : label}
        {children}
      </button>
      {open && (
        <div
          ref={list}
          className={up ? 'menu menu-up' : 'menu'}
          role="menu"
          aria-label={label}
          tabIndex={-1}
          onKeyDown={onKeyDown}
        >
          {entries.map((entry) => (
            <button
              key={entry.label}
              type="button"
              role="menuitem"
              tabIndex={-1}
              aria-current={entry.chosen || undefined}
              disabled={entry.disabled}
              className={entry.danger ? 'menu-danger' : undefined}
              onClick={() => {
                close()
                entry.run()
              }}
            >
              <span className="grow">{entry.label}</span>
              {entry.chosen && <Icon name="check" />}
            </button>
          ))}
        </div>
      )}
    </div>
  )
}

function items(list: HTMLElement | null): HTMLElement[] {
  return [...(list?.querySelectorAll<HTMLElement>('[role="menuitem"]:not(:disabled)') ?? [])]
}
