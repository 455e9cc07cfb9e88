import { Link } from '@remix-run/react'
import { useMessages } from '~/i18n/messages'

export function Brand() {
  const m = useMessages()
  return (
    <Link className="brand" to="/">
      <img src="/favicon.svg" alt="" width="28" height="28" />
      {m.product}
    </Link>
  )
}
