export type Entry = 'open' | 'locked'
export type ChatMode = 'open' | 'slow' | 'off'
export type LinePolicy = 'first' | 'not-yet-spoken' | 'random'

export type ClassSettings = {
  /** Live (WebRTC) seats for students; staff and recorders never take one. */
  seats: number
  /** People on stage besides the staff. */
  stageLimit: number
  /** BCP 47; the first is the language of the class. */
  languages: string[]
  lobby: boolean
  entry: Entry
  policy: LinePolicy
  showPositions: boolean
  approveQuestions: boolean
  chat: ChatMode
  recording: 'on' | 'off'
}

/** What a class is like when nobody said otherwise. */
export const defaultSettings: ClassSettings = {
  seats: 100,
  stageLimit: 6,
  languages: ['en'],
  lobby: false,
  entry: 'open',
  policy: 'first',
  showPositions: true,
  approveQuestions: true,
  chat: 'open',
  recording: 'off',
}
