import type { Fact } from './facts'
import type { Chapter, ClassState } from './state'
import { findRow } from './table'

/** A class in which more happens is no easier to find one's way in: the first so many are kept. */
export const CHAPTERS_KEPT = 200
/** What fits on a line beside a player. */
const TITLE_CHARACTERS = 120

/** The state with a chapter where the fact begins one: something comes on screen, somebody comes on stage. */
export function withChapter(state: ClassState, fact: Fact): ClassState {
  const chapter = toChapter(fact)
  if (!chapter || state.phase !== 'live' || state.chapters.length >= CHAPTERS_KEPT) return state
  return { ...state, chapters: [...state.chapters, chapter] }
}

function toChapter(fact: Fact): Chapter | null {
  switch (fact.type) {
    case 'screen.shown': {
      const by = fact.from?.personId ?? fact.cause?.personId
      return { kind: 'screen', at: fact.at, text: fact.text.slice(0, TITLE_CHARACTERS), ...(by && { by }) }
    }
    case 'stage.joined':
      return { kind: 'stage', at: fact.at, personId: fact.personId }
    default:
      return null
  }
}

/** In the class's own words: the text on screen, the name of who came on stage. */
export function toTitle(state: ClassState, chapter: Chapter): string {
  if (chapter.kind === 'screen') return chapter.text
  return findRow(state.people, chapter.personId)?.name ?? ''
}
