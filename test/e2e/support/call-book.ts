/** The proxy's log of AWS calls, kept over a whole suite: the proxy itself forgets the oldest. */
import type { CallRecord, FaultInjector } from '../../../local/emulator/faults';
import type { Actor, FunctionIdentity } from './actors';

/** One kind of call. */
export interface Call {
  actor: Actor;
  service: string;
  action: string;
}

export const wordsOf = (call: Call): string => `${call.actor} ${call.service}:${call.action}`;

/** IAM says no with 403; services with a JSON protocol say it with 400, like a failed condition. */
const DENIED_STATUS = 403;

/** The members of a transaction, by the names of the permissions that DynamoDB asks for each. */
const TRANSACTION_PARTS: Readonly<Record<string, string>> = {
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  ConditionCheck: 'ConditionCheckItem',
};

export class CallBook {
  private readonly seen = new Map<string, Call>();
  private readonly denied = new Set<string>();
  private closed = false;

  constructor(
    private readonly faults: FaultInjector,
    private readonly functions: readonly FunctionIdentity[],
  ) {}

  actorOf(call: Pick<CallRecord, 'accessKeyId'>): Actor {
    return this.functions.find((each) => each.accessKeyId === call.accessKeyId)?.actor ?? 'outside';
  }

  keysOf(actor: Actor): string[] {
    return this.functions.filter((each) => each.actor === actor).map((each) => each.accessKeyId);
  }

  /** Calls of the functions since a time (epoch milliseconds), one of each kind. */
  kindsSince(atMs: number): Call[] {
    const calls = new Map<string, Call>();
    for (const { service, action, accessKeyId } of this.faults.log.filter((each) => each.atMs >= atMs)) {
      const call = { actor: this.actorOf({ accessKeyId }), service, action };
      if (call.actor !== 'outside') calls.set(wordsOf(call), call);
    }
    return [...calls.values()];
  }

  /** From now on refusals are not written down. */
  close(): void {
    this.closed = true;
  }

  /** Moves what the proxy wrote down into the book. */
  keep(): void {
    for (const record of this.faults.log) {
      this.note(record);
      const isDenied = record.status === DENIED_STATUS && record.fault === null;
      if (isDenied && !this.closed) this.denied.add(`${this.actorOf(record)} ${record.service}:${record.action}`);
    }
    this.faults.clearLog();
  }

  /** All calls so far, one of each kind; a transaction is itself and its parts. */
  get kinds(): readonly Call[] {
    return [...this.seen.values()];
  }

  /** Calls that IAM refused and no test asked it to. */
  get refusals(): readonly string[] {
    return [...this.denied].sort();
  }

  private note(record: CallRecord): void {
    const actor = this.actorOf(record);
    if (actor === 'outside') return;
    for (const action of [record.action, ...partsOf(record)]) {
      const call = { actor, service: record.service, action };
      this.seen.set(wordsOf(call), call);
    }
  }
}

function partsOf(record: CallRecord): string[] {
  const items = record.parameters['TransactItems'];
  if (!Array.isArray(items)) return [];
  return items.flatMap((item: object) => Object.keys(item).flatMap((part) => TRANSACTION_PARTS[part] ?? []));
}
