import type { Logger } from 'pino'
import { createDirector } from '../egress/director/director'
import { createRetention } from '../egress/director/retention'
import { upcast } from './classroom/upcast'
import type { ResolvedConfig } from './config'
import { openDatabase } from './database'
import { createApp } from './http/app'
import { createReach } from './http/base-url'
import { createPlaybackLatency } from './http/broadcast-latency'
import { createCallers } from './http/callers'
import { createFactHistory } from './http/fact-history'
import { createJoinLimit } from './http/join-limit'
import { createListener } from './http/listener'
import { createMetrics, createProcessCollector, createRequestCounter } from './http/metrics'
import { createOperations } from './http/operations'
import { createPageHandler } from './http/page-handler'
import { createPartCollector } from './http/part-metrics'
import { createProxies } from './http/proxies'
import { createReadyz } from './http/readiness'
import { createRecordings } from './http/recordings'
import { routeUpgrades } from './http/upgrades'
import { newId } from './ids'
import { shareHints } from './livekit/hints'
import { createReconciler } from './livekit/reconciler'
import { createRooms } from './livekit/rooms'
import { createLivekitTokens } from './livekit/tokens'
import { createLivekitWebhooks } from './livekit/webhooks'
import { type ClassLogsDeps, createClassLogs } from './log/class-logs'
import { createAccess } from './people/access'
import { createClassCodes } from './people/class-codes'
import { createRevocations } from './people/revocations'
import { revokeRemoved } from './people/revoke-removed'
import { createTokens } from './people/tokens'
import { createWatchTokens } from './people/watch-tokens'
import { createBus } from './redis/bus'
import { connectRedis } from './redis/connect'
import { createGateway } from './socket/gateway'

/** Vite's own websocket, in development. */
const isViteReload = (protocol: string | undefined) => protocol === 'vite-hmr' || protocol === 'vite-ping'

export type Amphi = {
  /** Resolves with the port. */
  listen(): Promise<number>
  /** Sends everybody elsewhere, hands the classes over, writes out what is not written yet. */
  close(): Promise<void>
}

/** `timing`: for tests that cannot wait as long as production does. */
export type ComposeOptions = Pick<ClassLogsDeps, 'timing'> & { dev: boolean }

/** Every part of the server, made and joined; opens no port before `listen`. */
export async function compose(
  config: ResolvedConfig,
  logger: Logger,
  { dev, timing }: ComposeOptions,
): Promise<Amphi> {
  const { publicUrl } = config
  const livekitEndpoint = config.livekit
  const originUrl = `http://127.0.0.1:${config.origin.port}`

  const database = await openDatabase(config.databaseUrl, logger)
  const redis = connectRedis(config.redisUrl, logger)
  const bus = createBus(connectRedis(config.redisUrl, logger), logger)
  const { archive } = database
  const logs = await createClassLogs({ redisUrl: config.redisUrl, archive, logger, newId, timing })
  const now = () => logs.now()

  const { directory } = database
  const tokens = createTokens(config.secretKeys, now)
  const revocations = createRevocations(redis)
  const access = createAccess({
    livekitTokens: createLivekitTokens(livekitEndpoint),
    livekitPublicUrl: config.livekit.publicUrl,
    watchTokens: createWatchTokens(config.secretKeys, now, config.broadcast.tokens),
    originPublicUrl: config.origin.publicUrl,
  })
  const codes = createClassCodes(directory, logs)
  const callers = createCallers({ tokens, revocations, directory, adminApiKey: config.adminApiKey })
  const operationDeps = {
    logs,
    tokens,
    access,
    codes,
    directory,
    joinLimit: createJoinLimit(redis, config.joinLimitPerIp),
    history: createFactHistory(database.archive, upcast),
    latency: createPlaybackLatency(redis),
    recordings: createRecordings({
      redis,
      tokens,
      originPublicUrl: config.origin.publicUrl,
      retentionDays: config.broadcast.retentionDays,
      writePlan: (followed) => director.writePlan(followed),
      now,
    }),
    newId,
    publicUrl,
  }

  const rooms = createRooms(livekitEndpoint)
  const submit = logs.submit.bind(logs)
  const reconciler = createReconciler({
    rooms,
    submit,
    now,
    newId: () => newId('cmd'),
    logger,
    seen: (classId, personIds) => gateway.presence.seen(classId, personIds),
  })
  const director = createDirector({
    redis,
    bus,
    livekit: livekitEndpoint,
    engine: config.broadcast.engine,
    broadcastDir: config.broadcast.dir,
    ...(config.broadcast.engine === 'livekit-egress' && {
      toPageUrl: (classId: string) => `${config.broadcast.pageUrl}/composite/${classId}`,
      s3: config.broadcast.s3,
    }),
    ensureRoom: rooms.ensure,
    submit,
    now,
    newRunId: () => newId('run'),
    retentionDays: config.broadcast.retentionDays,
    standby: config.broadcast.standby,
    logger,
  })
  const retention = createRetention({ redis, submit, logger })
  logs.onLead((followed) => {
    reconciler.attach(followed)
    director.attach(followed)
  })
  const stopRevoking = revokeRemoved(logs, revocations, redis, logger)
  const shareHint = shareHints(logs, ({ kind, classId }) =>
    (kind === 'room' ? reconciler : director).nudge(classId),
  )

  const proxies = createProxies({ originUrl, livekitUrl: config.livekit.url }, logger)
  const requests = createRequestCounter()
  let draining = false
  const { app, pagesFor } = createApp({
    ...operationDeps,
    callers,
    operations: createOperations(operationDeps),
    urls: {
      publicUrl,
      livekitPublicUrl: config.livekit.publicUrl,
      originPublicUrl: config.origin.publicUrl,
    },
    createClasses: config.createClasses,
    trustedProxies: config.trustedProxies,
    dev,
    proxies,
    livekitWebhooks: createLivekitWebhooks(livekitEndpoint, shareHint),
    readyz: createReadyz(
      {
        redis: () => redis.ping(),
        database: database.check,
        livekit: rooms.check,
        origin: () => checkOrigin(originUrl),
      },
      () => draining,
    ),
    metrics: createMetrics([
      createProcessCollector(),
      requests.collect,
      createPartCollector({ logs, gateway: () => gateway, reconciler, director }),
    ]),
    countRequests: requests.count,
    logger,
  })
  const server = createListener(config.tls, app)
  const gateway = createGateway({
    httpServer: server,
    logs,
    tokens,
    access,
    toReachable: createReach(publicUrl),
    origins: [publicUrl],
    logger,
  })
  routeUpgrades(server, proxies, (protocol) => dev && isViteReload(protocol))
  app.use(await createPageHandler({ pagesFor, ...(dev && { dev: { server } }) }))

  return {
    listen: () =>
      new Promise((resolve, reject) => {
        server.once('error', reject)
        server.listen(config.port, () => {
          const address = server.address()
          resolve(typeof address === 'object' && address ? address.port : config.port)
        })
      }),
    async close() {
      draining = true
      gateway.drain()
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeIdleConnections()
      reconciler.close()
      director.close()
      retention.stop()
      codes.close()
      gateway.close()
      await logs.close()
      stopRevoking()
      proxies.close()
      server.closeAllConnections()
      await closed
      await database.close()
      redis.disconnect()
      bus.close()
    },
  }
}

async function checkOrigin(originUrl: string): Promise<void> {
  const answer = await fetch(`${originUrl}/healthz`)
  if (!answer.ok) throw new Error(`the origin answers ${answer.status}`)
}
