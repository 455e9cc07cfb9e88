/** Somebody's track, as the composite page knows it. */
export type Shown = {
  id: string
  personId: string
  source: 'camera' | 'screen'
  teacher: boolean
  /** Heard now, or last; ms. */
  spokeAt: number
}

/**
 * Which picture is large and which small, as in the broadcast of our own worker: a shared screen, else whom the teacher
 * has pinned, else who spoke last on stage, else the teacher; beside it the teacher, unless that is the large one.
 */
export function arrange(
  pictures: readonly Shown[],
  pinned: string | null,
): { main: Shown | null; aside: Shown | null } {
  const cameras = pictures.filter(({ source }) => source === 'camera')
  const teacher = cameras.find((picture) => picture.teacher) ?? null
  const speaker = cameras
    .filter((picture) => !picture.teacher && picture.spokeAt > 0)
    .toSorted((a, b) => b.spokeAt - a.spokeAt)[0]
  const main =
    pictures.find(({ source }) => source === 'screen') ??
    cameras.find(({ personId }) => personId === pinned) ??
    speaker ??
    teacher ??
    cameras[0] ??
    null
  const aside = teacher && teacher !== main ? teacher : null
  return { main, aside }
}
