import type { EngineSocket } from './engine-socket'

/** Whom an admitted socket belongs to. */
export type Owner = {
  receive(name: string, args: readonly unknown[], ackId: number | null): void
  /** They send more frames than anybody needs. */
  flooded(): void
  /** The socket is gone, whoever ended it. Called once. */
  gone(): void
}

/** What all sockets of an engine share. Times are ticks of its clock. */
export type Shared = {
  readonly tick: number
  readonly ticksPerSecond: number
  readonly pingTicks: number
  readonly pongTicks: number
  readonly handshakeTicks: number
  toId(number: number): string
  /** A client asks to be let in, once a socket: `admit` or `refuse` it. */
  ask(socket: EngineSocket, auth: unknown): void
  closed(socket: EngineSocket): void
}
