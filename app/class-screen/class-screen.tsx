import { useRevalidator } from '@remix-run/react'
import { useEffect } from 'react'
import { useClass } from '~/class-state/use-class'
import type { ClassPage } from '../../server/http/pages'
import { ConnectionStatus } from './connection-status'
import { DisconnectedPage } from './disconnected'
import { Entering } from './entering'
import { Reception } from './reception'
import { StaffLayout } from './staff/staff-layout'
import { StudentLayout } from './student/student-layout'
import { WaitingScreen } from './waiting-screen'

/** The class as this person sees it, once the first snapshot is here. */
export default function ClassScreen({ page }: { page: ClassPage }) {
  const known = useClass(({ view, you }) => view !== null && you !== null)
  const lost = useClass(({ connection }) => (connection.state === 'disconnected' ? connection : null))
  const tier = useClass(({ you }) => you?.tier ?? null)
  const role = useClass(({ you }) => you?.role ?? page.role)
  const ended = useClass(({ view }) => view?.phase === 'ended')
  const { revalidate } = useRevalidator()
  useEffect(() => {
    if (ended) revalidate()
  }, [ended, revalidate])

  if (lost) return <DisconnectedPage page={page} lost={lost} />
  if (!known) return <Entering page={page} status={<ConnectionStatus />} />
  if (tier === 'waiting') return <WaitingScreen title={page.title} role={role} />
  if (tier === null) return <Entering page={page} status={<ConnectionStatus />} />
  return (
    <Reception>{role === 'student' ? <StudentLayout page={page} /> : <StaffLayout page={page} />}</Reception>
  )
}
