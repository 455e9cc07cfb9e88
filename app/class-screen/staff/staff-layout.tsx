import { useClass } from '~/class-state/use-class'
import { useMessages } from '~/i18n/messages'
import type { ClassPage } from '../../../server/http/pages'
import { Captions } from '../captions'
import { Chat } from '../chat'
import { JumpBar } from '../jump-bar'
import { QuestionOnScreen } from '../question-on-screen'
import { Stage } from '../stage/stage'
import { TopBar } from '../top-bar'
import { ClassControls } from './class-controls'
import { ClassHealth } from './class-health'
import { Composer } from './composer'
import { OnStage } from './on-stage'
import { People } from './people'
import { Requests } from './requests'

export function StaffLayout({ page }: { page: ClassPage }) {
  const m = useMessages()
  const role = useClass(({ you }) => you?.role)
  const tier = useClass(({ you }) => you?.tier)
  const open = useClass(({ counts }) => counts?.requests)
  return (
    <main className="class class-staff" data-tier={tier} data-role={role}>
      <TopBar page={page} />
      <div className="class-columns">
        <div className="column column-stage">
          <Stage id="stage" />
          <ClassControls page={page} />
          <QuestionOnScreen />
          <Composer id="composer" />
          <Captions />
        </div>
        <div className="column column-requests">
          <OnStage id="on-stage" />
          <Requests id="requests" />
        </div>
        <div className="column column-people">
          <ClassHealth />
          <People id="people" />
          <Chat id="chat" />
        </div>
      </div>
      <JumpBar
        places={[
          { id: 'stage', label: m.stage.region },
          { id: 'requests', label: m.requests.region, count: open },
          { id: 'people', label: m.people.region },
          { id: 'chat', label: m.chat.region },
        ]}
      />
    </main>
  )
}
