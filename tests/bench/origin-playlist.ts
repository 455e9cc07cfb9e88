import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { compete, serveStatic } from './origin-load'
import { startOriginBench } from './origin-rig'
import { report } from './report'

/**
 * Playlists a second of a class of two hours, beside nginx with the same bytes in a file: the delta update that every
 * viewer asks for four times a second, and the whole that each asks for once. The token is checked.
 */
const SEGMENTS = 3600
const SEGMENT_BYTES = 90
const stack = await startOriginBench(SEGMENTS, SEGMENT_BYTES, serveStatic)
try {
  const path = stack.pathFor('per_viewer')
  const forms = {
    'origin-playlist': `main.m3u8?_HLS_msn=${SEGMENTS - 1}&_HLS_part=0&_HLS_skip=YES`,
    'origin-playlist_whole': 'main.m3u8',
  }
  for (const [bench, name] of Object.entries(forms)) {
    const ours = `${stack.originUrl}${path}${name}`
    const body = Buffer.from(
      await (await fetch(ours, { headers: { 'Accept-Encoding': 'identity' } })).arrayBuffer(),
    )
    report({ bench, metric: 'size', value: body.length, unit: 'bytes' })
    report({ bench, metric: 'size_gzip', value: gzipSync(body).length, unit: 'bytes' })
    writeFileSync(join(stack.staticDir, `${bench}.m3u8`), body)
    const nginx = `${stack.nginxUrl}/${bench}.m3u8`
    await stack.origin.profiled(bench, () =>
      compete(stack, {
        bench,
        metric: 'requests',
        ours,
        nginx,
        connections: 64,
        leastRatio: 0.7,
        mostP99Ms: 10,
      }),
    )
  }
} finally {
  await stack.stop()
}
