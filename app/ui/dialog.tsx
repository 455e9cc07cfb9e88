import { type ReactNode, useEffect, useId, useLayoutEffect, useRef } from 'react'

type Props = { title: string; onClose(): void; children: ReactNode }

/** Asks before anything else can be done. Escape and a click beside it close it; the browser keeps the focus inside. */
export function ModalDialog({ title, onClose, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null)
  const titleId = useId()
  // Closed while it is still on the page: only then the browser gives the focus back to where it came from.
  useLayoutEffect(() => {
    const shown = dialog.current
    if (shown && !shown.open) shown.showModal()
    return () => shown?.close()
  }, [])
  return (
    <dialog ref={dialog} className="dialog" aria-labelledby={titleId} onClose={onClose} onCancel={onClose}>
      <h2 id={titleId}>{title}</h2>
      {children}
    </dialog>
  )
}

/**
 * Something the class wants from a person, without taking the page away: who is typing goes on typing, everybody else
 * finds the focus on its heading.
 */
export function CardDialog({ title, children }: Omit<Props, 'onClose'>) {
  const heading = useRef<HTMLHeadingElement>(null)
  const titleId = useId()
  useEffect(() => {
    if (!isTyping(document.activeElement)) heading.current?.focus()
  }, [])
  return (
    <dialog open className="dialog dialog-card" aria-labelledby={titleId}>
      <h2 id={titleId} ref={heading} tabIndex={-1}>
        {title}
      </h2>
      {children}
    </dialog>
  )
}

function isTyping(element: Element | null): boolean {
  return element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement
}
