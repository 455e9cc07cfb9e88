import { join } from 'node:path'

/** Beside the directories of the runs, whose ids begin with `run_`. */
export const RECORDING_FOLDER = 'recording'

export const toRecordingFile = (broadcastDir: string, classId: string) =>
  join(broadcastDir, classId, RECORDING_FOLDER, 'recording.mp4')
export const toStateFile = (broadcastDir: string, classId: string) =>
  join(broadcastDir, classId, RECORDING_FOLDER, 'state.json')
export const toWorkDir = (broadcastDir: string, classId: string) =>
  join(broadcastDir, classId, RECORDING_FOLDER, 'pieces')
