import type { ClassLogs } from '../../log/class-logs'
import type { Access } from '../../people/access'
import type { ClassCodes } from '../../people/class-codes'
import type { Directory } from '../../people/directory'

import type { Tokens } from '../../people/tokens'
import type { PlaybackLatency } from '../broadcast-latency'
import type { FactHistory } from '../fact-history'
import type { JoinLimit } from '../join-limit'
import type { Recordings } from '../recordings'

/** Whose classes are that the operator's own key makes, and those from the start page. */
export const DEFAULT_ORG = 'org_default'

/** What the calls of the API are made of; put together by `compose.ts`. */
export type OperationDeps = {
  logs: ClassLogs
  tokens: Tokens
  access: Access
  codes: ClassCodes
  directory: Directory
  joinLimit: JoinLimit
  history: FactHistory
  latency: PlaybackLatency
  recordings: Recordings
  newId: (prefix: string) => string
  publicUrl: string
}
