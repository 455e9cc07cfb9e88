/** What somebody's devices give in a test, so that whoever receives it knows whose it is and how old. */
export type Scene = 'teacher' | 'student' | 'share'

/** Far apart, also after an encoder and another matrix of colours. */
export const sceneColours: Record<Scene, readonly [number, number, number]> = {
  teacher: [150, 60, 40],
  student: [40, 80, 160],
  share: [232, 232, 220],
}
/** Pitches of their voices: no harmonics of each other. */
export const voicesHertz = { teacher: 440, student: 1_100 }
export type Speaker = keyof typeof voicesHertz

/** Cells of the strip along the top of each picture: white, black, 16 bits of time, their parity, its opposite. */
export const STAMP = { cells: 20, bits: 16, unitMs: 10, heightShare: 0.16 }

declare global {
  interface Window {
    testDevices: {
      /** Pixels of what is captured from now on: a telephone that is turned, a window that is dragged larger. */
      resize(what: 'camera' | 'share', width: number, height: number): void
      /** Says something, or listens. */
      speak(on: boolean): void
    }
  }
}

/** Source for a page: camera, microphone and screen of this person. */
export function toDevices(who: Speaker): { content: string } {
  const look = {
    camera: sceneColours[who],
    share: sceneColours.share,
    hertz: voicesHertz[who],
    stamp: STAMP,
  }
  return { content: `(${install})(${JSON.stringify(look)})` }
}

type Colour = readonly [number, number, number]
type Look = { camera: Colour; share: Colour; hertz: number; stamp: typeof STAMP }

/** Runs in the page: uses nothing from outside. */
function install({ camera, share, hertz, stamp }: Look): void {
  // What an encoder cannot foresee, so that each layer is as large as it may be.
  const noise = Object.assign(document.createElement('canvas'), { width: 128, height: 128 })
  const noisePen = noise.getContext('2d')
  const grains = noisePen?.createImageData(128, 128)
  if (grains) {
    grains.data.forEach((_, i, data) => {
      data[i] = i % 4 === 3 ? 255 : Math.random() * 255
    })
    noisePen?.putImageData(grains, 0, 0)
  }

  function drawStamp(pen: CanvasRenderingContext2D, width: number, height: number): void {
    const time = Math.floor(Date.now() / stamp.unitMs) % 2 ** stamp.bits
    const bits = Array.from({ length: stamp.bits }, (_, bit) => Math.floor(time / 2 ** bit) % 2 === 1)
    const odd = bits.filter(Boolean).length % 2 === 1
    for (const [cell, on] of [true, false, ...bits, odd, !odd].entries()) {
      pen.fillStyle = on ? '#fff' : '#000'
      const left = Math.round((cell * width) / stamp.cells)
      const right = Math.round(((cell + 1) * width) / stamp.cells)
      pen.fillRect(left, 0, right - left, Math.round(height * stamp.heightShare))
    }
  }

  function createScene([red, green, blue]: Colour, everyMs: number, size: { width: number; height: number }) {
    const canvas = Object.assign(document.createElement('canvas'), size)
    const pen = canvas.getContext('2d', { alpha: false })
    if (!pen) throw new Error('no canvas')
    setInterval(() => {
      const { width, height } = canvas
      const least = Math.min(width, height)
      pen.fillStyle = `rgb(${red} ${green} ${blue})`
      pen.fillRect(0, 0, width, height)
      pen.fillStyle = '#e3b48f'
      pen.beginPath()
      pen.arc(
        width * 0.62,
        height * 0.5 + Math.sin(performance.now() / 400) * least * 0.04,
        least * 0.18,
        0,
        7,
      )
      pen.fill()
      const [x, y] = [Math.random() * 64, Math.random() * 64]
      pen.drawImage(noise, x, y, 64, 64, width * 0.4, height * 0.7, width * 0.6, height * 0.3)
      drawStamp(pen, width, height)
    }, everyMs)
    return canvas
  }

  const scenes = {
    camera: createScene(camera, 66, { width: 640, height: 360 }),
    // A shared page changes seldom; an encoder of text in full size takes its time.
    share: createScene(share, 200, { width: 960, height: 540 }),
  }
  let voice: { gain: GainNode; stream: MediaStream } | null = null
  let speaks = true

  function listen(): MediaStreamTrack[] {
    if (!voice) {
      const context = new AudioContext()
      void context.resume()
      const tone = new OscillatorNode(context, { frequency: hertz })
      const gain = new GainNode(context, { gain: speaks ? 0.3 : 0 })
      const destination = context.createMediaStreamDestination()
      tone.connect(gain).connect(destination)
      tone.start()
      voice = { gain, stream: destination.stream }
    }
    return voice.stream.getAudioTracks().map((track) => track.clone())
  }

  navigator.mediaDevices.getUserMedia = async (wanted) =>
    new MediaStream([
      ...(wanted?.audio ? listen() : []),
      ...(wanted?.video ? scenes.camera.captureStream(15).getVideoTracks() : []),
    ])
  navigator.mediaDevices.getDisplayMedia = async () => scenes.share.captureStream(15)
  window.testDevices = {
    resize: (what, width, height) => void Object.assign(scenes[what], { width, height }),
    speak(on) {
      speaks = on
      if (voice) voice.gain.gain.value = on ? 0.3 : 0
    },
  }
}
