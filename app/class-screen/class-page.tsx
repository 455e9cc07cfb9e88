import { lazy, Suspense } from 'react'
import { ClassProvider } from '~/class-state/use-class'
import type { ClassPage as Page } from '../../server/http/pages'
import { Entering } from './entering'

/** WebRTC, HLS and the gateway: none of it is of use to the server that renders the first page. */
const loadScreen = () => import('./class-screen')
const ClassScreen = lazy(loadScreen)
if (typeof document !== 'undefined') void loadScreen()

export function ClassPage({ page }: { page: Page }) {
  const entering = <Entering page={page} />
  return (
    <ClassProvider classId={page.classId} personId={page.personId} fallback={entering}>
      <Suspense fallback={entering}>
        <ClassScreen page={page} />
      </Suspense>
    </ClassProvider>
  )
}
