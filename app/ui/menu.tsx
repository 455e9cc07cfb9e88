import { type KeyboardEvent, type ReactNode, useLayoutEffect, useRef, useState } from 'react'
import { Icon, type IconName } from './icon'

export type MenuEntry = {
  label: string
  /** Beside the label, but no part of its name. */
  detail?: string
  chosen?: boolean
  danger?: boolean
  disabled?: boolean
  run(): void
}
type Props = {
  label: string
  icon?: IconName
  iconOnly?: boolean
  small?: boolean
  entries: readonly MenuEntry[]
  children?: ReactNode
}

/** A menu button as in the ARIA Authoring Practices: arrows move, Escape closes, focus goes back to the button. */
export function Menu({ label, icon, iconOnly, small, entries, children }: Props) {
  const [open, setOpen] = useState(false)
  const anchor = useRef<HTMLDivElement>(null)
  const button = useRef<HTMLButtonElement>(null)
  const list = useRef<HTMLDivElement>(null)

  useLayoutEffect(() => {
    if (!open) return
    const place = () => {
      if (list.current && button.current) placeBeside(list.current, button.current)
    }
    const onPress = (event: PointerEvent) => {
      if (!anchor.current?.contains(event.target as Node)) setOpen(false)
    }
    place()
    items(list.current)[0]?.focus({ preventScroll: true })
    document.addEventListener('pointerdown', onPress)
    document.addEventListener('scroll', place, true)
    window.addEventListener('resize', place)
    return () => {
      document.removeEventListener('pointerdown', onPress)
      document.removeEventListener('scroll', place, true)
      window.removeEventListener('resize', place)
    }
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
        <div ref={list} className="menu" role="menu" aria-label={label} tabIndex={-1} onKeyDown={onKeyDown}>
          {entries.map((entry) => (
            <button
              key={entry.label}
              type="button"
              role="menuitem"
              tabIndex={-1}
              aria-current={entry.chosen || undefined}
              aria-description={entry.detail}
              disabled={entry.disabled}
              className={entry.danger ? 'menu-danger' : undefined}
              onClick={() => {
                close()
                entry.run()
              }}
            >
              <span className="grow">{entry.label}</span>
              {entry.detail && (
                <span className="muted small numbers" aria-hidden="true">
                  {entry.detail}
                </span>
              )}
              {entry.chosen && <Icon name="check" />}
            </button>
          ))}
        </div>
      )}
    </div>
  )
}

const GAP_PX = 4

/** Fixed to the screen, so that no scrolling box cuts it off: under its button or, where there is no room, above it. */
function placeBeside(list: HTMLElement, button: HTMLElement): void {
  const at = button.getBoundingClientRect()
  const { clientWidth, clientHeight } = document.documentElement
  const { width, height } = list.getBoundingClientRect()
  const below = at.bottom + GAP_PX
  const top = below + height > clientHeight ? at.top - GAP_PX - height : below
  const left = Math.min(at.right - width, clientWidth - width - GAP_PX)
  list.style.top = `${Math.max(GAP_PX, top)}px`
  list.style.left = `${Math.max(GAP_PX, left)}px`
}

function items(list: HTMLElement | null): HTMLElement[] {
  return [...(list?.querySelectorAll<HTMLElement>('[role="menuitem"]:not(:disabled)') ?? [])]
}
