import '@remix-run/server-runtime'

/** Loaders' types as `v3_singleFetch` of remix.config.js makes them. */
declare module '@remix-run/server-runtime' {
  interface Future {
    v3_singleFetch: true
  }
}
