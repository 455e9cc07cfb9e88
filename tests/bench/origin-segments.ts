import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { ANY_VIEWER } from '../../server/people/tokens'
import { compete, serveStatic } from './origin-load'
import { startOriginBench } from './origin-rig'

/**
 * Bytes a second of one segment of 2 s at 1.6 Mbit/s, beside nginx (sendfile) with the same file. By a token that many
 * share: one viewer may not have so much under way.
 */
const SEGMENT_BYTES = 400_000
const NUMBER = 20
const stack = await startOriginBench(40, SEGMENT_BYTES, serveStatic)
try {
  const name = stack.segmentName(NUMBER)
  copyFileSync(stack.segmentFile(NUMBER), join(stack.staticDir, 'segment.m4s'))
  const ours = `${stack.originUrl}${stack.pathFor(ANY_VIEWER)}${name}`
  const nginx = `${stack.nginxUrl}/segment.m4s`
  const bench = 'origin-segments'
  await stack.origin.profiled(bench, () =>
    compete(stack, { bench, metric: 'bytes', ours, nginx, connections: 64, leastRatio: 0.9 }),
  )
} finally {
  await stack.stop()
}
