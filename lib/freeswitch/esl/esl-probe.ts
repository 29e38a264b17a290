import { assertNever, type EslEvidence } from '../../domain/model';
import { describeError } from '../../domain/errors';
import type { Clock } from '../../domain/ports';
import { EslConnection } from './connection';
import { EslFailure, type EslFailureKind } from './failure';
import { type PasswordSource, passwordWithin } from './password';
import { reach } from './reach';
import {
  type NodeStatus,
  CORE_UUID_COMMAND,
  PAUSE_INBOUND_COMMAND,
  PAUSE_OUTBOUND_COMMAND,
  parseCheck,
  parseCoreUuid,
  parseStatus,
  SHUTDOWN_PENDING_COMMAND,
  STATUS_COMMAND,
} from './status';

/** What is left of the deadline tells whether anybody is there, also where no password comes. One that is known takes none. */
const PASSWORD_SHARE = 0.5;

export interface EslProbeOptions {
  host: string;
  port: number;
  password: PasswordSource;
  clock: Pick<Clock, 'monotonicMs'>;
}

export interface EslAnswer {
  evidence: EslEvidence;
  /** Null when not known. */
  sessionLimit: number | null;
}

/**
 * A killed process closes its listening socket and its connections one after another, and a connection made in
 * between is reset without a greeting. Asking again a moment later turns that into a clear `refused`.
 */
const RETRY_AFTER_CLOSE_MS = [10, 40];

const OK_DETAIL = 'answers status';
const PAUSED_DETAIL = 'paused: new calls get 503; `fsctl resume` ends it';
const PAUSED_INBOUND_DETAIL = 'paused for incoming calls: new ones get 503; `fsctl resume` ends it';
const PAUSED_OUTBOUND_DETAIL =
  'paused for outgoing calls: callers are answered and get no further; `fsctl resume` ends it';
const SHUTDOWN_PENDING_DETAIL =
  'told to shut down when its last call ends (`fsctl shutdown elegant` or `asap`); `fsctl shutdown cancel` ends that';
const NOT_UNDERSTOOD = 'answers, but the status is not understood';
const STOPPING_DETAIL = 'FreeSWITCH announced its shutdown';

interface Kept {
  connection: EslConnection;
  coreUuid: string | null;
  /** Whether an event announced the shutdown, and whether an answer said so: the notice at its end is the same news. */
  stop: 'none' | 'announced' | 'told';
}

/** One kept-open ESL connection to a node and the question "how are you?". Never throws. */
export class EslProbe {
  private kept: Kept | null = null;
  private stopAnnounced = false;
  private readonly closing = new AbortController();
  private readonly listeners: (() => void)[] = [];

  constructor(private readonly options: EslProbeOptions) {}

  onConnectionLost(listener: () => void): void {
    this.listeners.push(listener);
  }

  /** The node's SHUTDOWN event came, on another connection than this one: it still answers, and will not for long. */
  announceStop(): void {
    if (this.kept?.stop === 'none') this.kept.stop = 'announced';
  }

  close(): void {
    this.closing.abort();
    this.kept?.connection.close();
    this.kept = null;
  }

  /** Connects when needed, asks, and says what it means, within `timeoutMs`. */
  async ask(timeoutMs: number): Promise<EslAnswer> {
    const { clock } = this.options;
    const startedMs = clock.monotonicMs();
    const elapsedMs = (): number => clock.monotonicMs() - startedMs;
    if (this.stopAnnounced) {
      // Said once, so that the announcement is seen; from the next probe on the port itself tells.
      this.stopAnnounced = false;
      return unwell('stopping', STOPPING_DETAIL, null);
    }
    for (const retryAfterMs of [...RETRY_AFTER_CLOSE_MS, null]) {
      try {
        const kept = await this.connected(timeoutMs - elapsedMs());
        const answer = await question(kept, timeoutMs - elapsedMs(), elapsedMs);
        return kept.stop === 'none' ? answer : stopping(kept, answer);
      } catch (error) {
        const again = error instanceof EslFailure && error.kind === 'closed' && retryAfterMs !== null;
        if (!(error instanceof EslFailure)) return await this.unasked(error, timeoutMs - elapsedMs(), elapsedMs);
        if (!again || elapsedMs() + retryAfterMs >= timeoutMs) return this.failed(error, elapsedMs());
        await pause(retryAfterMs);
      }
    }
    return unwell('silent', 'the peer closes each connection', elapsedMs());
  }

  private async connected(timeoutMs: number): Promise<Kept> {
    if (this.kept?.connection.isOpen === true) return this.kept;
    this.kept = null;
    const { host, port } = this.options;
    const startedMs = this.options.clock.monotonicMs();
    const password = await passwordWithin(this.options.password, timeoutMs * PASSWORD_SHARE);
    const leftMs = timeoutMs - (this.options.clock.monotonicMs() - startedMs);
    const connection = await EslConnection.open({
      host,
      port,
      password,
      timeoutMs: leftMs,
      signal: this.closing.signal,
    });
    const kept: Kept = { connection, coreUuid: null, stop: 'none' };
    connection.onLost((failure) => this.lost(kept, failure));
    this.kept = kept;
    return kept;
  }

  private lost(kept: Kept, failure: EslFailure): void {
    if (this.kept === kept) this.kept = null;
    if (failure.kind === 'stopping' && kept.stop !== 'told') this.stopAnnounced = true;
    for (const listener of this.listeners) listener();
  }

  /**
   * Without a password, which is not the node's fault: a misconfiguration pages, and is never taken for a death. It hides
   * none either: a port that refuses, or says nothing, is told as that.
   */
  private async unasked(error: unknown, leftMs: number, elapsedMs: () => number): Promise<EslAnswer> {
    const { host, port } = this.options;
    const why = `cannot ask: ${describeError(error)}`;
    const reached = leftMs > 0 ? await reach(host, port, leftMs, this.closing.signal) : null;
    switch (reached) {
      // Nobody was asked: that is no silence of theirs.
      case null:
      case 'answers':
        return unwell('rejected', why, null);
      case 'refused':
        return unwell('refused', `${host}:${port} refuses the connection (${why})`, elapsedMs());
      case 'silent':
        return unwell('silent', `${host}:${port} takes no connection (${why})`, null);
      default:
        return assertNever(reached);
    }
  }

  private failed(error: EslFailure, latencyMs: number): EslAnswer {
    if (error.kind === 'rejected' && error.stage === 'auth') this.options.password.drop();
    // The announcement came while we were asking, and this answer tells it.
    if (error.kind === 'stopping') this.stopAnnounced = false;
    return unwell(verdictOf(error.kind), error.message, error.kind === 'silent' ? null : latencyMs);
  }
}

/** What a failure means for the node. Hanging up without a word is no proof of anything: it counts as no answer. */
function verdictOf(kind: EslFailureKind): EslEvidence['verdict'] {
  return kind === 'closed' || kind === 'aborted' ? 'silent' : kind;
}

function unwell(verdict: EslEvidence['verdict'], detail: string, latencyMs: number | null): EslAnswer {
  const unknown = { coreUuid: null, sessions: null, clockOffsetMs: null, shutdownPending: null };
  return { evidence: { verdict, detail, latencyMs, ...unknown }, sessionLimit: null };
}

async function question(kept: Kept, timeoutMs: number, elapsedMs: () => number): Promise<EslAnswer> {
  const { connection } = kept;
  // Pipelined: one round trip. A new incarnation means a new connection, so its id is asked once for each.
  const [uuid, statusReply, inboundReply, outboundReply, shutdownReply] = await Promise.all([
    kept.coreUuid ?? connection.api(CORE_UUID_COMMAND, timeoutMs),
    connection.api(STATUS_COMMAND, timeoutMs),
    connection.api(PAUSE_INBOUND_COMMAND, timeoutMs),
    connection.api(PAUSE_OUTBOUND_COMMAND, timeoutMs),
    connection.api(SHUTDOWN_PENDING_COMMAND, timeoutMs),
  ]);
  kept.coreUuid = parseCoreUuid(uuid);
  const status = parseStatus(statusReply);
  const paused: Pauses = { inbound: parseCheck(inboundReply), outbound: parseCheck(outboundReply) };
  const verdict = verdictOfReplies(status, paused);
  const shutdownPending = parseCheck(shutdownReply);
  const says = shutdownPending === true ? SHUTDOWN_PENDING_DETAIL : null;
  const evidence: EslEvidence = {
    verdict,
    detail:
      verdict === 'malformed'
        ? `${NOT_UNDERSTOOD}: ${connection.quote(statusReply)}`
        : (says ?? (verdict === 'paused' ? pausedDetail(paused) : OK_DETAIL)),
    latencyMs: elapsedMs(),
    coreUuid: kept.coreUuid,
    sessions: status?.sessions ?? null,
    clockOffsetMs: null,
    shutdownPending,
  };
  return { evidence, sessionLimit: status?.sessionLimit ?? null };
}

/** It answers until its last second, and says meanwhile that it is paused. */
function stopping(kept: Kept, { evidence, sessionLimit }: EslAnswer): EslAnswer {
  kept.stop = 'told';
  return { evidence: { ...evidence, verdict: 'stopping', detail: STOPPING_DETAIL }, sessionLimit };
}

/** Null: it did not say. */
interface Pauses {
  inbound: boolean | null;
  outbound: boolean | null;
}

/**
 * `ok` needs the answers about callers in full: a peer that says something else is alive, and who knows what. That
 * outgoing calls are paused has to be said: callers are answered all the same.
 */
function verdictOfReplies(status: NodeStatus | null, paused: Pauses): 'ok' | 'paused' | 'malformed' {
  if (paused.inbound === true || paused.outbound === true || status?.ready === false) return 'paused';
  return paused.inbound === false && status?.ready === true ? 'ok' : 'malformed';
}

function pausedDetail({ inbound, outbound }: Pauses): string {
  if (inbound === true && outbound === false) return PAUSED_INBOUND_DETAIL;
  return inbound === false && outbound === true ? PAUSED_OUTBOUND_DETAIL : PAUSED_DETAIL;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
