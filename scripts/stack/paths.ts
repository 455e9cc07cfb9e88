import { fileURLToPath } from 'node:url'

/** The root of the repository. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')
/** Programs that setup builds. They belong to the checkout, not to a DATA_DIR; Remix empties `build` at every build. */
export const BIN_DIR = `${ROOT}/.cache/bin`
export const LIVEKIT_PROGRAM = `${BIN_DIR}/livekit-server`
export const WORKER_PROGRAM = `${BIN_DIR}/amphi-worker`
