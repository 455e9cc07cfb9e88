import { useClass, useClassStore } from '~/class-state/use-class'
import { useCommand } from '~/class-state/use-command'
import { useMessages } from '~/i18n/messages'
import { Button } from '~/ui/button'
import { CardDialog } from '~/ui/dialog'
import { Problem } from '~/ui/problem'
import { useNow } from '~/ui/use-now'

/** A live seat came free: theirs for some seconds, then somebody else's. */
export function SeatOffer() {
  const offer = useClass(({ you }) => (you?.seat?.state === 'offered' ? you.seat : null))
  return offer && <Offer key={offer.offerId} offerId={offer.offerId} until={offer.until} />
}

function Offer({ offerId, until }: { offerId: string; until: number }) {
  const m = useMessages()
  const store = useClassStore()
  const now = useNow(store.now)
  const { run, busy, problem } = useCommand()
  return (
    <CardDialog title={m.offer.title}>
      <p>{m.offer.detail}</p>
      <p className="muted small numbers">{m.offer.left(Math.max(0, Math.ceil((until - now) / 1_000)))}</p>
      <div className="row">
        <Button look="primary" disabled={busy} onClick={() => void run('seat:accept', { offerId })}>
          {m.offer.take}
        </Button>
        <Button disabled={busy} onClick={() => void run('seat:decline', { offerId })}>
          {m.offer.stay}
        </Button>
      </div>
      <Problem>{problem}</Problem>
    </CardDialog>
  )
}
