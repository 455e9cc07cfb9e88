import type { ReactNode } from 'react'

type Props = {
  /** Its accessible name too. */
  title: string
  id?: string
  count?: number
  actions?: ReactNode
  className?: string
  children?: ReactNode
}

/** A named region with its heading. */
export function Panel({ title, id, count, actions, className, children }: Props) {
  return (
    <section id={id} aria-label={title} className={className ? `panel ${className}` : 'panel'} tabIndex={-1}>
      <header className="panel-head">
        <h2>
          {title}
          {count !== undefined && count > 0 && <span className="count numbers">{count}</span>}
        </h2>
        {actions}
      </header>
      {children}
    </section>
  )
}
