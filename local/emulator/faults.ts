import type { AwsRequest } from './aws-request';

/**
 * What happens to a request that a rule picks:
 * - `throttle`, `refuse`, `server-error`: the service's own error, nothing is applied;
 * - `time-out`: nothing is applied, and no answer comes until the client gives up (at most a minute);
 * - `lost-answer`: it is applied, and the connection is cut instead of answering.
 */
export type FaultEffect = 'throttle' | 'refuse' | 'server-error' | 'time-out' | 'lost-answer';

export interface FaultRule {
  service: string;
  /** `*` is every action of the service. */
  action: string;
  /** Only requests whose raw body holds this text. */
  bodyIncludes?: string;
  /** Only requests signed with this key (a function has one of its own). */
  accessKeyId?: string;
  /** Let this many matching requests pass first. Default 0. */
  skip?: number;
  /** Then hit this many. Default: all. */
  times?: number;
  effect: FaultEffect;
}

export interface InstalledRule {
  readonly rule: FaultRule;
  /** Requests that it has hit so far. */
  readonly hits: number;
  remove(): void;
}

/** One call as the proxy saw it. */
export interface CallRecord {
  /** Epoch milliseconds of its arrival. */
  atMs: number;
  service: string;
  action: string;
  accessKeyId: string | null;
  parameters: Readonly<Record<string, unknown>>;
  fault: FaultEffect | null;
  /** 0 while it is under way, and when no answer was sent. */
  status: number;
  durationMs: number;
}

/** The newest calls are kept; a demo makes some thousands. */
const LONGEST_LOG = 50_000;

/** The rules of the proxy in front of the emulator, and the log of the calls that went through it. */
export class FaultInjector {
  private rules: { rule: FaultRule; seen: number; hits: number }[] = [];
  private calls: CallRecord[] = [];

  /** The first rule that matches and is not used up decides. Rules stay until removed or cleared. */
  add(rule: FaultRule): InstalledRule {
    const entry = { rule, seen: 0, hits: 0 };
    this.rules.push(entry);
    return {
      rule,
      get hits() {
        return entry.hits;
      },
      remove: () => {
        this.rules = this.rules.filter((other) => other !== entry);
      },
    };
  }

  /** Removes every rule. The log stays. */
  clear(): void {
    this.rules = [];
  }

  clearLog(): void {
    this.calls = [];
  }

  /** Calls in the order of their arrival. */
  get log(): readonly CallRecord[] {
    return this.calls;
  }

  /** Calls of one action, for assertions. */
  callsOf(service: string, action: string): CallRecord[] {
    return this.calls.filter((call) => call.service === service && call.action === action);
  }

  /** For the proxy: what happens to this request. Counts it against the rules that match it. */
  decide(request: AwsRequest, body: Buffer): FaultEffect | null {
    for (const entry of this.rules) {
      if (!matches(entry.rule, request, body)) {
        continue;
      }
      entry.seen += 1;
      const { skip = 0, times = Infinity } = entry.rule;
      if (entry.seen > skip && entry.hits < times) {
        entry.hits += 1;
        return entry.rule.effect;
      }
    }
    return null;
  }

  /** For the proxy: writes a call down. The record is completed in place when the answer is sent. */
  record(call: CallRecord): CallRecord {
    this.calls.push(call);
    if (this.calls.length > LONGEST_LOG) {
      this.calls = this.calls.slice(-LONGEST_LOG / 2);
    }
    return call;
  }
}

function matches(rule: FaultRule, request: AwsRequest, body: Buffer): boolean {
  return (
    rule.service === request.service &&
    (rule.action === '*' || rule.action === request.action) &&
    (rule.accessKeyId === undefined || rule.accessKeyId === request.accessKeyId) &&
    (rule.bodyIncludes === undefined || body.includes(rule.bodyIncludes))
  );
}
