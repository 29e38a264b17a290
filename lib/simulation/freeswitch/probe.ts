/**
 * One observer's look at one node in virtual time. A healthy look costs one timer and no allocation worth the name: its
 * evidence is one of few, made once after each change of the node, frozen and shared.
 */
import { assertNever, type EslEvidence, type SipEvidence } from '../../domain/model';
import type { NodeProbe } from '../../domain/ports';
import type { Process } from '../kernel/process';
import type { Dice } from '../kernel/random';
import { SIP_DETAILS } from './esl';
import { reaches, type Route } from './exchange';
import type { ClosedBy, EslAnswer, Pauses, SipAnswer } from './incarnation';
import type { SimSwitch } from './switch';

/** The way between one observer and one node. */
export interface Path {
  /** What is lost in both directions now (process time): a burst, of everything or of datagrams alone. */
  lost(nowMs: number): 'all' | 'datagrams' | null;
}

export interface SimProbeOptions {
  node: SimSwitch;
  /** The observer's. */
  process: Process;
  dice: Dice;
  path: Path;
  route: Route;
}

type Look = Awaited<ReturnType<NodeProbe['probe']>>;

/** Both layers, the slower of the two. */
const SHORTEST_MS = 2;
const LATENCIES_MS = [2, 3, 4, 5, 6] as const;
/** From the end of a process until its peers have the FIN. */
const FIN_AFTER_MS = 1;

const ESL_DETAILS: Readonly<Record<EslAnswer, string>> = {
  ok: 'answers status',
  paused: 'paused: new calls get 503; `fsctl resume` ends it',
  stopping: 'FreeSWITCH announced its shutdown',
  refused: 'connection refused: nothing listens there',
  silent: 'no answer within the deadline',
  rejected: 'the password was refused',
};

const BOTH: Pauses = { inbound: true, outbound: true };

export class SimProbe implements NodeProbe {
  private closed = false;
  private running: Promise<Look> | null = null;
  private readonly listeners: (() => void)[] = [];
  /** The kept connection: whose it is, and how to close it. */
  private kept: { coreUuid: string; close: () => void } | null = null;
  /** The notice of a shutdown came with the end of the connection, and no look has told it. */
  private stopAnnounced = false;
  private stopTold = false;
  /** Looks by latency, as the node is at `madeAt`. */
  private looks: (Look | undefined)[] = [];
  private madeAt: number | null = null;
  private madeForOffsetMs = 0;

  constructor(private readonly options: SimProbeOptions) {
    // Observers come and go: the node would keep a connection of each.
    options.process.onDeath(() => this.close());
  }

  /** A call while another one runs gets that one's answer. */
  probe(timeoutMs: number): Promise<Look> {
    this.running ??= this.look(timeoutMs).finally(() => {
      this.running = null;
    });
    return this.running;
  }

  onConnectionLost(listener: () => void): void {
    this.listeners.push(listener);
  }

  close(): void {
    this.closed = true;
    this.kept?.close();
    this.kept = null;
  }

  /**
   * Loss is drawn once, when the question leaves. In truth a copy of it, 100 and 250 ms later, would outlive a shorter
   * burst: here there are more misses than that, never fewer.
   */
  private async look(timeoutMs: number): Promise<Look> {
    const { node, process, path, route, dice } = this.options;
    const latencyMs = SHORTEST_MS + dice.below(LATENCIES_MS.length) + route.delayMs(node.nodeId);
    const lost = path.lost(process.monotonicMs());
    if (this.closed || latencyMs > timeoutMs || lost === 'all' || !reaches(route, node.nodeId)) {
      await process.sleep(timeoutMs);
      return this.made('silent', () => 'silent', 0);
    }
    await process.sleep(latencyMs);
    const esl = this.ask();
    const look = lost === null ? this.seen(esl, latencyMs) : this.made(esl, () => 'silent', latencyMs);
    if (esl === 'silent' || lost !== null || this.someVipIsSilent()) await process.sleep(timeoutMs - latencyMs);
    return look;
  }

  /** What the event socket says; keeps a connection that is new, and notices one that was lost unheard. */
  private ask(): EslAnswer {
    const { node } = this.options;
    if (this.stopAnnounced) {
      // Said once, so that the announcement is seen; from the next look on the port itself tells.
      this.stopAnnounced = false;
      return 'stopping';
    }
    const answer = node.answersEsl();
    if (answer === 'silent') return answer;
    if (this.kept !== null && this.kept.coreUuid !== node.coreUuid) this.lost('end');
    if (answer === 'stopping') this.stopTold = true;
    if (this.kept === null && (answer === 'ok' || answer === 'paused')) this.keep();
    return answer;
  }

  private keep(): void {
    const { node, process, path, route } = this.options;
    const { process: incarnation } = node;
    if (incarnation === null || this.closed) return;
    const { coreUuid } = incarnation;
    this.stopTold = false;
    const close = incarnation.connect((by) => {
      // A FIN that does not arrive is noticed by the next look that does.
      if (!route.carries(node.nodeId, 'back') || path.lost(process.monotonicMs()) === 'all') return;
      void process.sleep(FIN_AFTER_MS + route.delayMs(node.nodeId)).then(() => {
        if (this.kept?.coreUuid === coreUuid) this.lost(by);
      });
    });
    this.kept = { coreUuid, close };
  }

  private lost(by: ClosedBy): void {
    this.kept = null;
    if (by === 'shutdown' && !this.stopTold) this.stopAnnounced = true;
    for (const listener of this.listeners) listener();
  }

  private someVipIsSilent(): boolean {
    const { node } = this.options;
    for (const vipId of node.vipIds) if (node.answersSip(vipId) === 'silent') return true;
    return false;
  }

  private seen(esl: EslAnswer, latencyMs: number): Look {
    const { node, process } = this.options;
    if (this.madeAt !== node.version || this.madeForOffsetMs !== process.wallOffsetMs) {
      this.looks = [];
      this.madeAt = node.version;
      this.madeForOffsetMs = process.wallOffsetMs;
    }
    const made = this.looks[latencyMs];
    if (made?.esl.verdict === esl) return made;
    const look = this.made(esl, (vipId) => node.answersSip(vipId), latencyMs);
    this.looks[latencyMs] = look;
    return look;
  }

  private made(esl: EslAnswer, sipOf: (vipId: string) => SipAnswer, latencyMs: number): Look {
    const sip: Record<string, SipEvidence> = {};
    for (const vipId of this.options.node.vipIds) sip[vipId] = sipEvidence(sipOf(vipId), latencyMs);
    return Object.freeze({ esl: this.eslEvidence(esl, latencyMs), sip: Object.freeze(sip) });
  }

  private pausedDetail(): string {
    const { inbound, outbound } = this.options.node.process?.pauses ?? BOTH;
    if (inbound === outbound) return ESL_DETAILS.paused;
    return inbound
      ? 'paused for incoming calls: new ones get 503; `fsctl resume` ends it'
      : 'paused for outgoing calls: callers are answered and get no further; `fsctl resume` ends it';
  }

  private eslEvidence(verdict: EslAnswer, latencyMs: number): EslEvidence {
    const { node, process } = this.options;
    const unknown = { coreUuid: null, sessions: null, clockOffsetMs: null, shutdownPending: null };
    const nothing = { detail: verdict === 'paused' ? this.pausedDetail() : ESL_DETAILS[verdict], ...unknown };
    switch (verdict) {
      case 'silent':
        return Object.freeze({ ...nothing, verdict, latencyMs: null });
      case 'refused':
      case 'rejected':
        return Object.freeze({ ...nothing, verdict, latencyMs });
      case 'ok':
      case 'paused':
      case 'stopping': {
        // The announcement of a connection that is closed tells nothing else.
        if (verdict === 'stopping' && node.answersEsl() === 'refused') {
          return Object.freeze({ ...nothing, verdict, latencyMs: null });
        }
        const { coreUuid, sessions } = node;
        const clockOffsetMs = node.clockOffsetMs - process.wallOffsetMs;
        // Nobody types `fsctl shutdown elegant` here.
        const shutdownPending = false;
        return Object.freeze({ ...nothing, verdict, latencyMs, coreUuid, sessions, clockOffsetMs, shutdownPending });
      }
      default:
        return assertNever(verdict);
    }
  }
}

const SIP_EVIDENCE: Record<SipAnswer, SipEvidence[]> = { ok: [], busy: [], standby: [], silent: [] };

function sipEvidence(verdict: SipAnswer, latencyMs: number): SipEvidence {
  const made = SIP_EVIDENCE[verdict];
  const detail = SIP_DETAILS[verdict];
  return (made[latencyMs] ??= Object.freeze({ verdict, detail, latencyMs: verdict === 'silent' ? null : latencyMs }));
}
