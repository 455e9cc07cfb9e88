declare module 'm3u8-parser' {
  export class Parser {
    push(text: string): void
    end(): void
    on(event: 'warn', listener: (event: { message: string }) => void): void
    readonly manifest: {
      segments: { uri: string; duration: number }[]
      mediaSequence: number
      playlists?: unknown[]
      endList?: boolean
    }
  }
}
