import { UnderstudyError } from '../../domain/errors';

/**
 * Why an ESL connection is of no use (any more):
 * - `refused`: the host answered with RST, nothing listens (FACTS 1: a killed process).
 * - `silent`: no answer inside the deadline, or the network says that it cannot get there.
 * - `rejected`: wrong password, ACL, or a command that this account may not use: a misconfiguration.
 * - `stopping`: FreeSWITCH announced "The system is being shut down."
 * - `closed`: the peer hung up without saying why. Connect again to learn more.
 * - `malformed`: the bytes are not ESL, or not what was asked for.
 * - `aborted`: we ended it ourselves.
 */
export type EslFailureKind = 'refused' | 'silent' | 'rejected' | 'stopping' | 'closed' | 'malformed' | 'aborted';

/** How far the connection had come. `ready` is authenticated, with or without a command under way. */
export type EslStage = 'connect' | 'greeting' | 'auth' | 'ready';

/** Thrown by `EslConnection.open` and `api`. The message is one line for a human and never holds the password. */
export class EslFailure extends UnderstudyError {
  override readonly name = 'EslFailure';
  /** A path that loses or delays, a host or a process that hangs: from here they look the same. */
  override readonly unreached: boolean;
  constructor(
    readonly kind: EslFailureKind,
    readonly stage: EslStage,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
    this.unreached = kind === 'silent';
  }
}

/** A command that would end its own line and start another one. Thrown before a byte is sent. */
export class UnsafeEslCommand extends UnderstudyError {
  override readonly name = 'UnsafeEslCommand';
}

const MAX_QUOTED = 160;

/** Text of a peer made fit for an error message: one line, bounded, printable, without the secret. */
export function quotePeerText(text: string, secret: string | null): string {
  const redacted = secret === null || secret === '' ? text : text.split(secret).join('[password]');
  const printable = redacted.replace(/[^\x20-\x7e]+/g, ' ').trim();
  return printable.length > MAX_QUOTED ? `${printable.slice(0, MAX_QUOTED)}...` : printable;
}
