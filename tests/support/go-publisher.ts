import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { buildGo } from '../load/build-go'

/** One simulcast layer as a browser would send it, and its film. */
export type Layer = { width: number; height: number; bitsPerSecond: number }
export type Film = Layer & { path: string }

const run = promisify(execFile)

/** Moving pictures with a key frame every two seconds, as a publisher that is asked for them makes. */
export function makeFilms(dir: string, layers: readonly Layer[], seconds: number): Promise<Film[]> {
  return Promise.all(
    layers.map(async (layer) => {
      const { width, height, bitsPerSecond } = layer
      const path = join(dir, `${height}.h264`)
      const source = `testsrc2=size=${width}x${height}:rate=30`
      const rate = [
        '-b:v',
        `${bitsPerSecond}`,
        '-maxrate',
        `${bitsPerSecond}`,
        '-bufsize',
        `${bitsPerSecond}`,
      ]
      const codec = [
        '-c:v',
        'libx264',
        '-preset',
        'veryfast',
        '-profile:v',
        'baseline',
        '-pix_fmt',
        'yuv420p',
      ]
      const keys = ['-x264-params', 'keyint=60:min-keyint=60:scenecut=0:repeat-headers=1:sliced-threads=0']
      const input = ['-v', 'error', '-f', 'lavfi', '-i', source, '-t', `${seconds}`]
      await run('ffmpeg', [...input, ...codec, ...rate, ...keys, '-f', 'h264', path])
      return { ...layer, path }
    }),
  )
}

export const buildPublisher = () => buildGo('egress/worker/rig/publisher', 'rig-publisher')

/**
 * Publishes the films as layers of one picture (lowest first) and a beep; resolves when it does. `answers`: with the
 * next key frame of the film when one is asked for, as a browser does, and not in step with the clock.
 */
export async function startPublisher(
  program: string,
  to: { url: string; token: string },
  films: readonly Film[],
  share = false,
  answers = false,
): Promise<ChildProcess> {
  const best = films.at(-1)
  if (!best) throw new Error('no film')
  const lower = films.slice(0, -1).map(({ path, width, height }) => `${path}:${width}x${height}`)
  const picture = ['-picture', best.path, '-width', `${best.width}`, '-height', `${best.height}`]
  const args = [
    '-url',
    to.url,
    '-token',
    to.token,
    ...picture,
    '-lower',
    lower.join(','),
    `-share=${share}`,
    `-answer=${answers}`,
  ]
  const publisher = spawn(program, args, { stdio: ['pipe', 'ignore', 'pipe'] })
  await once(publisher.stderr ?? publisher, 'data')
  return publisher
}

/** From now on it sends so many layers, the lowest first: what its network takes. */
export function sendLayers(publisher: ChildProcess, layers: number): void {
  publisher.stdin?.write(`${layers}\n`)
}
