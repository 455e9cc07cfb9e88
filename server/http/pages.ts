import type { Role } from '../classroom/people'
import type { Phase } from '../classroom/state'
import type { JoinAnswer } from '../protocol/http'
import type { RecordingReport } from './recordings'

/** What a page tells its reader when it cannot do what was asked; `code` as in the API's problem+json. */
export type PageProblem = {
  status: 401 | 403 | 404 | 409 | 422 | 429 | 503
  code: string
  /** A sentence for people, English: translate by `code`. */
  detail: string
  retryAfterSeconds?: number
}

/** One of this browser's people, and the class they belong to. */
export type MyClass = {
  classId: string
  title: string
  phase: Phase
  personId: string
  name: string
  role: Role
  /** `/classes/ID?as=PERSON` */
  link: string
}

export type StartPage = {
  /** By CREATE_CLASSES and where the request comes from: hide the form if not. */
  mayCreate: boolean
  /** Newest first. */
  classes: MyClass[]
}

export type JoinPage = {
  code: string
  title: string
  phase: Phase
  languages: string[]
  recorded: boolean
  /** Without `invite` one enters as a student. */
  role: Role
  /** This browser is in the class already: `/classes/ID?as=PERSON`, as the newest of its people. */
  already?: { name: string; link: string }
}

/** Send the browser on to `location` with these `Set-Cookie` headers. */
export type Entered = { ok: true; location: string; setCookies: string[] }
export type Refused = { ok: false; problem: PageProblem }

export type ClassPage = {
  classId: string
  code: string
  title: string
  phase: Exclude<Phase, 'ended'>
  languages: string[]
  recorded: boolean
  personId: string
  name: string
  role: Role
  language: string
  /** The first answer to join, good at once; ask `POST /api/v1/classes/:id/join` for fresh tokens. */
  access: JoinAnswer
  /** Staff only: what "Copy student link" copies. */
  links?: { student: string; assistant?: string; teacher?: string }
}

export type EndedPage = {
  classId: string
  title: string
  phase: 'ended'
  personId: string
  name: string
  role: Role
  startedAt?: number
  endedAt?: number
  /** Absent: not recorded, nothing was broadcast, or it is deleted. Times are server time, ms. */
  replay?: {
    playlistUrl: string
    /** Where one can enter it, by time. */
    chapters: { kind: 'screen' | 'stage'; at: number; title: string }[]
    /** It is deleted then; absent: when somebody deletes it. */
    keepUntil?: number
  }
  /** It was recorded; the replay is there in some seconds: ask again. */
  preparing?: boolean
  /** It was recorded, and is not there any more. */
  deleted?: true
  /** Staff only: the file of the recording. */
  recording?: RecordingReport
  /** The teacher's. */
  mayDelete?: true
  /** Staff only: a URL that downloads text/csv. */
  attendanceUrl?: string
}

export type OpenedClass =
  | { ok: true; page: ClassPage | EndedPage }
  /** This browser is nobody in that class (401), or was removed (403), or there is no such class (404). */
  | Refused

/**
 * What Remix loaders and actions may ask of the server, in-process: `context.amphi` of every loader and action.
 * Made for each request, as it knows where the request comes from. Nothing here throws for a wrong input.
 */
export type Pages = {
  startPage(request: Request): Promise<StartPage>
  /** Makes the class and its teacher. `title` and `seats` as typed; 422 `bad_payload` if they are no good. */
  createClass(request: Request, input: { title: string; seats?: number }): Promise<Entered | Refused>
  /** `code` as typed. `invite` is the query parameter of invitation links. */
  findJoin(
    request: Request,
    code: string,
    invite?: string | null,
  ): Promise<{ ok: true; join: JoinPage } | Refused>
  /** For the loader of `/join/CODE?invite=`: a person's own link goes straight in; null: show the form. */
  openPersonLink(request: Request, code: string, invite: string): Promise<Entered | Refused | null>
  /** The form of `/join/CODE`. */
  joinByCode(
    request: Request,
    code: string,
    input: { name: string; language?: string; invite?: string | null },
  ): Promise<Entered | Refused>
  /** By the teacher of an ended class, whose page this browser has open; `as` as below. */
  deleteRecording(request: Request, classId: string, as?: string | null): Promise<{ ok: true } | Refused>
  /** Where the caller's browser finds LiveKit, for `/composite`. */
  livekitUrl(): string
  /** For `/check`: a way into an empty LiveKit room of its own. Counts as a join does. */
  checkEntry(): Promise<{ ok: true; url: string; token: string } | Refused>
  /** `as`: the query parameter; without, the newest of this browser's people in that class. Enters the class. */
  openClassPage(request: Request, classId: string, as?: string | null): Promise<OpenedClass>
}

declare module '@remix-run/server-runtime' {
  interface AppLoadContext {
    amphi: Pages
    /** For `<Scripts nonce>`, `<ScrollRestoration nonce>` and `<LiveReload nonce>`: no other inline script runs. */
    cspNonce: string
  }
}
