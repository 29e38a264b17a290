import type { NodeTopology } from '../domain/model';
import type { Clock } from '../domain/ports';
import type { EslConnection } from './esl/connection';
import { openForTask } from './esl/open';
import type { PasswordSource } from './esl/password';

export interface NodeTaskOptions {
  password: PasswordSource;
  clock: Pick<Clock, 'monotonicMs'>;
}

/** Milliseconds until a task's deadline; negative after it. */
export type Countdown = () => number;

export function countdown(clock: Pick<Clock, 'monotonicMs'>, timeoutMs: number): Countdown {
  const startedMs = clock.monotonicMs();
  return () => timeoutMs - (clock.monotonicMs() - startedMs);
}

/** @throws EslFailure, or what the password source throws */
export function openNode(options: NodeTaskOptions, node: NodeTopology, leftMs: Countdown): Promise<EslConnection> {
  return openForTask({ host: node.managementAddress, port: node.eslPort, password: options.password }, leftMs);
}

/** One task over a connection of its own, closed at its end. Throws what opening or the work throws. */
export async function onNode<T>(
  options: NodeTaskOptions,
  node: NodeTopology,
  leftMs: Countdown,
  work: (esl: EslConnection) => Promise<T>,
): Promise<T> {
  const connection = await openNode(options, node, leftMs);
  try {
    return await work(connection);
  } finally {
    connection.close();
  }
}
