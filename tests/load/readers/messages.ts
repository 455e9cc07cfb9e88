/** What the process of the readers is told, once. */
export type Job = {
  /** A reader each: the URL of its multivariant playlist, and what it plays. */
  readers: { url: string; variant: string }[]
  flood: { program: string; urls: string[]; perSecond: number; reads: number }
}

/** Counts of what must never be; 0 is right. */
export type Faults = {
  /** Not legal by itself, or not as the successor of what a reader had. */
  illegal: number
  /** Other bytes than at first, or not whole boxes. */
  torn: number
  /** Listed, and not to be had. */
  missing: number
  goingBack: number
  /** Readers that had no new media for so long that no player would wait. */
  stuck: number
}

/** From the last part of a run that a reader had to the first of the next. */
export type Crossing = { variant: string; from: string; to: string; gapMs: number; at: number }

export type Look = {
  /** Of each reader, the run that its newest part is of, and how many parts it has had of it. */
  readers: { variant: string; runId: string | null; parts: number; newestAt: number }[]
  /** By readers, and by the flood. */
  reads: number
  floodReads: number
  /** Different texts of playlists that were judged. */
  versions: number
  faults: Faults
  /** Connections that broke, and answers that were none: no fault of the broadcast. */
  broken: number
  crossings: Crossing[]
  /** Of all faults the first ones, in words. */
  problems: string[]
}

export type Question = 'look' | 'end'
