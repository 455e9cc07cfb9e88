import type { ViewFactOf } from './facts'

export type CaptionLine = { name: string; text: string; language: string; at: number }
/** The finished lines still on show, and the sentence being spoken. */
export type Captions = { lines: readonly CaptionLine[]; speaking: CaptionLine | null }
export const noCaptions: Captions = { lines: [], speaking: null }

/** Two lines can be read while the third is spoken. */
const LINES_KEPT = 2

export function withCaption(captions: Captions, fact: ViewFactOf<'caption.said'> & { at: number }): Captions {
  const line = { name: fact.name, text: fact.text, language: fact.language, at: fact.at }
  if (!fact.final) return { ...captions, speaking: line }
  return { lines: [...captions.lines, line].slice(-LINES_KEPT), speaking: null }
}
