import { evolveView } from '../../server/classroom/evolve-view'
import type { ClassView, ScreenView } from '../../server/classroom/view'
import type { CountsFrame, FactsFrame, Position, SnapshotFrame, YouFrame } from '../../server/protocol/events'
import { type Captions, noCaptions, withCaption } from './captions'
import { type Timeline, withEntry } from './timeline'

export type Connection =
  | { state: 'connecting' | 'connected' | 'reconnecting' }
  | { state: 'disconnected'; code: string; message: string }

/** Everything the class page knows from the gateway. */
export type ClassModel = {
  connection: Connection
  /** The newest fact seen; null before the first snapshot. */
  head: Position | null
  view: ClassView | null
  you: YouFrame | null
  counts: CountsFrame | null
  /** For pictures that come late: what was on screen, and said, since when. */
  screens: Timeline<ScreenView | null>
  captions: Timeline<Captions>
}

export const newClassModel: ClassModel = {
  connection: { state: 'connecting' },
  head: null,
  view: null,
  you: null,
  counts: null,
  screens: [],
  captions: [],
}

export function withConnection(model: ClassModel, connection: Connection): ClassModel {
  return { ...model, connection }
}

/** A whole state replaces what was known, but the past of the screen stays true for a picture that is late. */
export function withSnapshot(model: ClassModel, snapshot: SnapshotFrame): ClassModel {
  const screen = snapshot.class.screen
  const sameScreen = model.screens.at(-1)?.value?.screenId === screen?.screenId
  const since = screen ? screen.at : model.screens.length > 0 ? snapshot.now : 0
  return {
    ...model,
    head: { epoch: snapshot.epoch, seq: snapshot.seq },
    view: snapshot.class,
    screens: sameScreen && model.screens.length > 0 ? model.screens : withEntry(model.screens, since, screen),
  }
}

export type Applied = { kind: 'applied' | 'known' | 'missed'; model: ClassModel }

/** The server will send a snapshot: until then no frame of facts means anything. */
export function withoutHead(model: ClassModel): ClassModel {
  return { ...model, head: null }
}

/** `missed`: the frame does not follow what this client has; it must resume from `head`. */
export function withFacts(model: ClassModel, frame: FactsFrame): Applied {
  if (!model.head || !model.view) return { kind: 'known', model }
  if (frame.seq <= model.head.seq) return { kind: 'known', model }
  if (frame.after !== model.head.seq) return { kind: 'missed', model }
  let { view, screens, captions } = model
  for (const fact of frame.facts) {
    view = evolveView(view, fact)
    if (fact.type === 'screen.shown' || fact.type === 'screen.cleared') {
      screens = withEntry(screens, fact.at, view.screen)
    } else if (fact.type === 'caption.said') {
      captions = withEntry(captions, fact.at, withCaption(captions.at(-1)?.value ?? noCaptions, fact))
    }
  }
  return {
    kind: 'applied',
    model: { ...model, head: { ...model.head, seq: frame.seq }, view, screens, captions },
  }
}
