/** A FreeSWITCH node that exists only in virtual time, and probes that look at it. */
import type { EslEvidence, SipEvidence } from '../../lib/domain/model';
import type { Clock, NodeProbe } from '../../lib/domain/ports';

export type Condition = 'ok' | 'standby' | 'busy' | 'killed' | 'frozen' | 'sip-stuck' | 'sip-reset' | 'rejected';

/** How long an answer takes when there is one. */
const ANSWER_MS = 2;

/** Shared by the probes of all observers. */
export class FakeNode {
  condition: Condition = 'ok';
  private incarnation = 1;
  private readonly listeners = new Set<() => void>();

  constructor(
    readonly id: string,
    readonly vipIds: string[],
  ) {}

  get coreUuid(): string {
    return `${this.id}-${this.incarnation}`;
  }

  /** The process is gone: every kept connection closes at this moment. */
  kill(): void {
    this.condition = 'killed';
    this.dropConnections();
  }

  /** A new process: another core_uuid, in standby, and the old connections are gone. */
  restart(): void {
    this.incarnation += 1;
    this.condition = 'standby';
    this.dropConnections();
  }

  dropConnections(): void {
    for (const listener of this.listeners) listener();
  }

  watch(listener: () => void): void {
    this.listeners.add(listener);
  }
}

export class FakeProbe implements NodeProbe {
  /** The network between this probe and the node is gone: nothing comes back. */
  cut = false;
  closed = false;
  /** When each look began (monotonic). */
  readonly lookedAtMs: number[] = [];

  constructor(
    private readonly node: FakeNode,
    private readonly clock: Clock,
  ) {}

  async probe(timeoutMs: number): Promise<{ esl: EslEvidence; sip: Record<string, SipEvidence> }> {
    this.lookedAtMs.push(this.clock.monotonicMs());
    const [esl, sip] = await Promise.all([
      this.answer(eslEvidence(this.cut ? 'frozen' : this.node.condition, this.node.coreUuid), timeoutMs),
      this.answer(sipEvidence(this.cut ? 'frozen' : this.node.condition), timeoutMs),
    ]);
    return { esl, sip: Object.fromEntries(this.node.vipIds.map((vipId) => [vipId, sip])) };
  }

  onConnectionLost(listener: () => void): void {
    this.node.watch(() => {
      if (!this.cut && !this.closed) listener();
    });
  }

  close(): void {
    this.closed = true;
  }

  private async answer<T extends { verdict: string }>(evidence: T, timeoutMs: number): Promise<T> {
    await this.clock.sleep(evidence.verdict === 'silent' ? timeoutMs : ANSWER_MS);
    return evidence;
  }
}

export function eslEvidence(condition: Condition, coreUuid: string | null = 'uuid'): EslEvidence {
  const nothing = { coreUuid: null, sessions: null, clockOffsetMs: null, shutdownPending: null };
  switch (condition) {
    case 'killed':
      return { ...nothing, verdict: 'refused', detail: 'ECONNREFUSED', latencyMs: ANSWER_MS };
    case 'frozen':
      return { ...nothing, verdict: 'silent', detail: 'no greeting', latencyMs: null };
    case 'rejected':
      return { ...nothing, verdict: 'rejected', detail: '-ERR invalid', latencyMs: ANSWER_MS };
    default:
      return {
        verdict: 'ok',
        detail: 'answers status',
        latencyMs: ANSWER_MS,
        coreUuid,
        sessions: 3,
        clockOffsetMs: null,
        shutdownPending: false,
      };
  }
}

export function sipEvidence(condition: Condition): SipEvidence {
  switch (condition) {
    case 'killed':
    case 'frozen':
    case 'sip-stuck':
      return { verdict: 'silent', detail: 'no answer', latencyMs: null };
    case 'sip-reset':
      return { verdict: 'refused', detail: 'port unreachable', latencyMs: ANSWER_MS };
    case 'standby':
      return { verdict: 'standby', detail: '503 System Paused', latencyMs: ANSWER_MS };
    case 'busy':
      return { verdict: 'busy', detail: '503 Maximum Calls In Progress', latencyMs: ANSWER_MS };
    default:
      return { verdict: 'ok', detail: '200 OK', latencyMs: ANSWER_MS };
  }
}
