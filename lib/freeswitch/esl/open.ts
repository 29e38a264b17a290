import { EslConnection } from './connection';
import { EslFailure } from './failure';
import { type PasswordSource, passwordWithin } from './password';

export interface OpenOptions {
  host: string;
  port: number;
  password: PasswordSource;
}

/** One SYN sent again, and a second one under way: the rest of a long task's time is for another zone. */
const CONNECT_WITHIN_MS = 3_000;

/**
 * Opens a connection for one task. A refused password is read anew and tried once more: it may have been rotated.
 * (A probe does not use this: it has its next turn in a second.)
 * @param leftMs milliseconds until the task's deadline
 * @throws EslFailure, or what the password source throws
 */
export async function openForTask(options: OpenOptions, leftMs: () => number): Promise<EslConnection> {
  const { host, port } = options;
  const open = (password: string): Promise<EslConnection> =>
    EslConnection.open({ host, port, password, timeoutMs: Math.min(CONNECT_WITHIN_MS, leftMs()) });
  const first = await passwordWithin(options.password, leftMs());
  try {
    return await open(first);
  } catch (error) {
    if (!(error instanceof EslFailure) || error.kind !== 'rejected' || error.stage !== 'auth') throw error;
    options.password.drop();
    const second = await passwordWithin(options.password, leftMs());
    if (second === first) throw error;
    return open(second);
  }
}
