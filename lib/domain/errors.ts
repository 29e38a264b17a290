/** Every error a user or an operator may see. Each message names the thing and the remedy, and keeps its cause. */
export class UnderstudyError extends Error {
  override readonly name: string = 'UnderstudyError';
  /** No answer came from there to here: to another zone one may. */
  readonly unreached: boolean = false;
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
  }
}

/** The table has no topology: the deployment's registration has not run, or the table name is another cluster's. */
export class NotRegistered extends UnderstudyError {
  override readonly name = 'NotRegistered';
}

/** An Elastic IP, a node or a DNS record carries the ownership mark of another deployment. Never taken by force. */
export class ForeignOwner extends UnderstudyError {
  override readonly name = 'ForeignOwner';
}

/** An outside call did not answer inside its deadline, after its bounded retries. Whether it was applied is unknown. */
export class OutsideTimeout extends UnderstudyError {
  override readonly name = 'OutsideTimeout';
  override readonly unreached = true;
}

/** An outside call was refused for a reason that a retry does not cure (permission, validation, not found). */
export class OutsideRefused extends UnderstudyError {
  override readonly name = 'OutsideRefused';
}

/** What an outside call names does not exist (any more). */
export class ResourceGone extends UnderstudyError {
  override readonly name = 'ResourceGone';
}

/** The shared database did not answer inside the deadline, or could not be reached. Nothing is known about its rows. */
export class DatabaseAway extends UnderstudyError {
  override readonly name = 'DatabaseAway';
  override readonly unreached = true;
}

/** The shared database said no: a role, a table or a permission is missing. Waiting does not cure it. */
export class DatabaseRefused extends UnderstudyError {
  override readonly name = 'DatabaseRefused';
}

/** Nobody told a node to recover these calls. */
export class RecoveryNotPrepared extends UnderstudyError {
  override readonly name = 'RecoveryNotPrepared';
}

/** A younger decision has begun to recover the calls of the same VIP: the order is over, and no row was touched. */
export class RecoverySuperseded extends UnderstudyError {
  override readonly name = 'RecoverySuperseded';
}

/** An event that no function of ours understands. */
export class MalformedEvent extends UnderstudyError {
  override readonly name = 'MalformedEvent';
}

/** An item of the table holds what no version of ours writes. Never guessed at: a wrong epoch would be acted upon. */
export class MalformedItem extends UnderstudyError {
  override readonly name = 'MalformedItem';
}

/** `understudy.yaml` is wrong. `problems` holds every mistake, each with its path and line. */
export class ConfigurationError extends UnderstudyError {
  override readonly name = 'ConfigurationError';
  constructor(
    message: string,
    readonly problems: readonly { path: string; line: number | null; message: string }[],
  ) {
    super(message);
  }
}

/** One line for a human out of anything thrown. */
export function describeError(error: unknown): string {
  if (error instanceof Error) {
    const cause = error.cause instanceof Error ? ` (${error.cause.message})` : '';
    return `${error.name}: ${error.message}${cause}`;
  }
  return String(error);
}
