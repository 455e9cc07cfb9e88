/** Where LiveKit's API is and how it is signed. `url` may be ws(s) or http(s). */
export type LivekitEndpoint = { url: string; apiKey: string; apiSecret: string }
