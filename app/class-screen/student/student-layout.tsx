import { useClass } from '~/class-state/use-class'
import { useMessages } from '~/i18n/messages'
import type { ClassPage } from '../../../server/http/pages'
import { Captions } from '../captions'
import { Chat } from '../chat'
import { Invitation } from '../invitation/invitation'
import { JumpBar } from '../jump-bar'
import { QuestionOnScreen } from '../question-on-screen'
import { Stage } from '../stage/stage'
import { TopBar } from '../top-bar'
import { LeaveClass } from './leave-class'
import { Questions } from './questions'
import { SeatOffer } from './seat-offer'
import { StageSpeaker } from './stage-speaker'
import { TakePart } from './take-part'

export function StudentLayout({ page }: { page: ClassPage }) {
  const m = useMessages()
  const tier = useClass(({ you }) => you?.tier)
  return (
    <main className="class class-student" data-tier={tier} data-role="student">
      <TopBar page={page}>
        <LeaveClass />
      </TopBar>
      <Invitation />
      <SeatOffer />
      <div className="class-columns">
        <div className="column column-stage">
          <Stage id="stage" />
          <StageSpeaker />
          <QuestionOnScreen />
          <TakePart />
          <Captions />
        </div>
        <div className="column column-side">
          <Questions id="questions" />
          <Chat id="chat" />
        </div>
      </div>
      <JumpBar
        places={[
          { id: 'stage', label: m.stage.region },
          { id: 'questions', label: m.student.questions },
          { id: 'chat', label: m.chat.region },
        ]}
      />
    </main>
  )
}
