import { join } from 'node:path'

/** Beside the directories of the runs, whose ids begin with `run_`. */
export const FOLDER = 'recording'

export const toRecordingFile = (broadcastDir: string, classId: string) =>
  join(broadcastDir, classId, FOLDER, 'recording.mp4')
export const toStateFile = (broadcastDir: string, classId: string) =>
  join(broadcastDir, classId, FOLDER, 'state.json')
export const toWorkDir = (broadcastDir: string, classId: string) =>
  join(broadcastDir, classId, FOLDER, 'pieces')
