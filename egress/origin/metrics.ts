/** Counters of this process, written in Prometheus' text format (0.0.4). */
export type Metrics = {
  /** By kind and status. */
  requests: Map<string, Map<number, number>>
  bytes: number
  renders: number
  held: () => number
  heldTimeouts: number
  cutOff: number
  tokensRefused: number
  journalProblems: number
  planProblems: number
  missingMedia: number
  diskBytes: number
  diskQuotaBytes: number
  diskFreeBytes: number
  diskDeleted: number
  classes: () => number
  cachedBytes: () => number
  lastPartDelayMs: number
}

export function createMetrics(): Metrics {
  return {
    requests: new Map(),
    bytes: 0,
    renders: 0,
    held: () => 0,
    heldTimeouts: 0,
    cutOff: 0,
    tokensRefused: 0,
    journalProblems: 0,
    planProblems: 0,
    missingMedia: 0,
    diskBytes: 0,
    diskQuotaBytes: 0,
    diskFreeBytes: 0,
    diskDeleted: 0,
    classes: () => 0,
    cachedBytes: () => 0,
    lastPartDelayMs: 0,
  }
}

export function countRequest({ requests }: Metrics, kind: string, status: number) {
  const counts = requests.get(kind) ?? new Map<number, number>()
  requests.set(kind, counts)
  counts.set(status, (counts.get(status) ?? 0) + 1)
}

export function renderMetrics(metrics: Metrics, rssBytes: number): string {
  const requests = [...metrics.requests].flatMap(([kind, counts]) =>
    [...counts].map(
      ([status, count]) => `amphi_origin_requests_total{kind="${kind}",status="${status}"} ${count}`,
    ),
  )
  return [
    '# HELP amphi_origin_requests_total Requests answered, by what was asked for and by status.',
    '# TYPE amphi_origin_requests_total counter',
    ...requests,
    ...toMetric('sent_bytes_total', 'counter', 'Bytes of playlists and media sent.', metrics.bytes),
    ...toMetric('renders_total', 'counter', 'Playlists rendered.', metrics.renders),
    ...toMetric('held_requests', 'gauge', 'Requests held until there is something new.', metrics.held()),
    ...toMetric('held_timeouts_total', 'counter', 'Held requests given up with 503.', metrics.heldTimeouts),
    ...toMetric('cut_off_total', 'counter', 'Viewers who took their media too slowly.', metrics.cutOff),
    ...toMetric('tokens_refused_total', 'counter', 'Requests with a bad token.', metrics.tokensRefused),
    ...toMetric(
      'journal_problems_total',
      'counter',
      'Journals that could not be read on.',
      metrics.journalProblems,
    ),
    ...toMetric('plan_problems_total', 'counter', 'Plans refused.', metrics.planProblems),
    ...toMetric('missing_media_total', 'counter', 'Files found lost; now gaps.', metrics.missingMedia),
    ...toMetric('disk_bytes', 'gauge', 'Taken by all classes; 0 without a quota.', metrics.diskBytes),
    ...toMetric('disk_quota_bytes', 'gauge', 'What they may take; 0: no limit.', metrics.diskQuotaBytes),
    ...toMetric('disk_free_bytes', 'gauge', 'What the disk still takes.', metrics.diskFreeBytes),
    ...toMetric('disk_deleted_total', 'counter', 'Classes deleted to keep the quota.', metrics.diskDeleted),
    ...toMetric('classes', 'gauge', 'Classes held in memory.', metrics.classes()),
    ...toMetric('cached_bytes', 'gauge', 'Media kept in memory.', metrics.cachedBytes()),
    ...toMetric(
      'part_delay_ms',
      'gauge',
      'From the first sample of the newest part until it was seen.',
      metrics.lastPartDelayMs,
    ),
    ...toMetric('resident_bytes', 'gauge', 'Resident memory of the process.', rssBytes),
    '',
  ].join('\n')
}

function toMetric(name: string, type: 'counter' | 'gauge', help: string, value: number): string[] {
  const full = `amphi_origin_${name}`
  return [`# HELP ${full} ${help}`, `# TYPE ${full} ${type}`, `${full} ${value}`]
}
