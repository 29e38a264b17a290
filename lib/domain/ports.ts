/**
 * What the operations need from the outside, as interfaces only: the adapters of `lib/aws` and `lib/freeswitch`
 * implement them, tests and the simulator put others in their place. Every method has a deadline of its own and ends
 * with an answer, `unknown` where the answer was lost, or an error of `lib/domain/errors.ts`.
 */
export * from './call-recovery';
export * from './cloud';
export * from './node-control';
export * from './recovery-preview';
export * from './state-store';

export interface Clock {
  /** Epoch milliseconds. */
  wallMs(): number;
  /** Milliseconds that never go back. Stands still or jumps when the process is frozen, as the machine does. */
  monotonicMs(): number;
  /** Resolves after `ms`, or at once when the signal aborts. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** A fresh identifier. */
  id(): string;
}

export interface Metrics {
  count(name: string, value: number, dimensions?: Record<string, string>): void;
  durationMs(name: string, value: number, dimensions?: Record<string, string>): void;
}

export interface Log {
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}
