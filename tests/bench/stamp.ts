/**
 * A picture that carries the time it was drawn, so that whoever sees it anywhere can tell how old it is: 32 bits of
 * milliseconds as black and white cells, large enough to survive a simulcast layer of 180 lines. Both functions are
 * handed to a page as source: they use nothing from outside.
 */

/** What was seen: when, this machine's clock, ms; how old it was (null: not to be read); of how many lines it was. */
export type SeenPicture = { at: number; age: number | null; height: number }

export const toAges = (pictures: readonly SeenPicture[]): number[] => pictures.flatMap(({ age }) => age ?? [])

/** Replaces camera and shared screen by a canvas that shows the time, and moves so that the encoder has work. */
export function installStampedCamera(): void {
  const columns = 8
  const rows = 4
  const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices)
  const film = (width: number, height: number, perSecond: number) => {
    const canvas = document.createElement('canvas')
    canvas.width = width
    canvas.height = height
    const pen = canvas.getContext('2d', { alpha: false })
    if (!pen) throw new Error('no canvas')
    pen.scale(width / 1280, height / 720)
    const draw = () => {
      const now = Date.now() % 2 ** 32
      pen.fillStyle = `hsl(${(now / 20) % 360} 40% 45%)`
      pen.fillRect(0, 0, 1280, 720)
      for (let bit = 0; bit < columns * rows; bit++) {
        const on = Math.floor(now / 2 ** bit) % 2 === 1
        pen.fillStyle = on ? '#fff' : '#000'
        pen.fillRect((bit % columns) * 120 + 40, Math.floor(bit / columns) * 110 + 40, 120, 110)
      }
      pen.fillStyle = '#fff'
      pen.fillRect(1040, (now / 4) % 600, 180, 80)
    }
    draw()
    setInterval(draw, 1000 / perSecond)
    return canvas.captureStream(perSecond)
  }
  navigator.mediaDevices.getDisplayMedia = async () => film(960, 540, 10)
  navigator.mediaDevices.getUserMedia = async (constraints) => {
    if (!constraints?.video) return real(constraints)
    const stream = film(1280, 720, 30)
    if (constraints.audio) {
      const sound = await real({ audio: constraints.audio })
      for (const track of sound.getAudioTracks()) stream.addTrack(track)
    }
    return stream
  }
}

/**
 * The pictures that a video shows for `seconds`. `film`: they are stamped with the time since it began, and go round.
 */
export function readStamps(
  video: HTMLVideoElement,
  seconds: number,
  film?: { beganAt: number; lengthMs: number },
): Promise<{ pictures: SeenPicture[]; stalls: number }> {
  const columns = 8
  const rows = 4
  const canvas = document.createElement('canvas')
  canvas.width = 320
  canvas.height = 180
  const pen = canvas.getContext('2d', { willReadFrequently: true })
  const pictures: SeenPicture[] = []
  let stalls = 0
  const stalled = () => {
    stalls++
  }
  video.addEventListener('waiting', stalled)
  const until = Date.now() + seconds * 1000
  return new Promise((resolve) => {
    const look = () => {
      const at = Date.now()
      const now = film ? (at - film.beganAt) % film.lengthMs : at % 2 ** 32
      pen?.drawImage(video, 0, 0, 320, 180)
      const pixels = pen?.getImageData(0, 0, 320, 180).data
      let stamp = 0
      for (let bit = 0; pixels && bit < columns * rows; bit++) {
        const x = ((bit % columns) * 120 + 100) / 4
        const y = (Math.floor(bit / columns) * 110 + 95) / 4
        const place = (Math.round(y) * 320 + Math.round(x)) * 4
        if ((pixels[place] ?? 0) > 128) stamp += 2 ** bit
      }
      const age = film && stamp > now ? now - stamp + film.lengthMs : now - stamp
      pictures.push({ at, age: age >= 0 && age < 60_000 ? age : null, height: video.videoHeight })
      if (Date.now() < until) video.requestVideoFrameCallback(look)
      else {
        video.removeEventListener('waiting', stalled)
        resolve({ pictures, stalls })
      }
    }
    video.requestVideoFrameCallback(look)
  })
}
