import { describeError } from '../domain/errors';
import type { NodeTopology, VipTopology } from '../domain/model';
import type { CheckResult, Clock, NodeControl, PromoteResult, Random, ShutdownProof } from '../domain/ports';
import type { EslConnection } from './esl/connection';
import { EslFailure } from './esl/failure';
import { openForTask } from './esl/open';
import type { PasswordSource } from './esl/password';
import { CORE_UUID_COMMAND, parseCoreUuid } from './esl/status';
import { promotedVariable, PROMOTED_VALUE, rescan, setPromoted, unsafeName } from './promotion';
import { shutDownNow } from './shutdown';
import { type OptionsResult, sendOptions } from './sip/options';

export interface NodeControlOptions {
  password: PasswordSource;
  clock: Pick<Clock, 'monotonicMs' | 'sleep'>;
  random: Random;
}

/** One OPTIONS exchange of the wait for 200; an answer takes a millisecond. */
const OPTIONS_TIMEOUT_MS = 500;
/** Between two questions: the rescan's effect is there when it replies, so the first answer is mostly 200. */
const ASK_AGAIN_AFTER_MS = 20;
const MAX_QUESTIONS = 200;
/** With less time left a healthy node would look silent, and hide what it said before. */
const SHORTEST_QUESTION_MS = 100;

/** Orders to a node over ESL, each proved by what the node does afterwards. Connects anew for each. Never throws. */
export class EslNodeControl implements NodeControl {
  constructor(private readonly options: NodeControlOptions) {}

  /** @param coreUuid the incarnation that is meant; another one found there is left alone, and proves the same */
  async shutdownNow(node: NodeTopology, timeoutMs: number, coreUuid: string | null = null): Promise<ShutdownProof> {
    const { clock, random } = this.options;
    const leftMs = this.countdown(timeoutMs);
    return shutDownNow({
      open: () => this.open(node, leftMs),
      leftMs,
      sleep: (ms) => clock.sleep(ms),
      jitter: () => random.next(),
      coreUuid,
    });
  }

  async promote(node: NodeTopology, vip: VipTopology, timeoutMs: number): Promise<PromoteResult> {
    const unsafe = unsafeName(vip);
    if (unsafe !== null) return { promoted: false, reason: `"${unsafe}" cannot stand in a command: rename it` };
    const leftMs = this.countdown(timeoutMs);
    let connection: EslConnection | null = null;
    try {
      connection = await this.open(node, leftMs);
      return await this.promoteOver(connection, node, vip, leftMs);
    } catch (error) {
      return { promoted: false, reason: reasonOf(error) };
    } finally {
      connection?.close();
    }
  }

  async check(node: NodeTopology, vip: VipTopology, timeoutMs: number): Promise<CheckResult> {
    const leftMs = this.countdown(timeoutMs);
    const [answer, coreUuid] = await Promise.all([
      this.ask(node, vip, leftMs(), timeoutMs),
      this.readCoreUuid(node, leftMs).catch(() => null),
    ]);
    const { evidence } = answer;
    if (!isServing(answer)) return { serving: false, reason: `OPTIONS ${whereOf(node, vip)}: ${evidence.detail}` };
    return { serving: true, coreUuid, proof: `OPTIONS ${whereOf(node, vip)}: ${evidence.detail}` };
  }

  private async promoteOver(
    esl: EslConnection,
    node: NodeTopology,
    vip: VipTopology,
    leftMs: () => number,
  ): Promise<PromoteResult> {
    const coreUuid = parseCoreUuid(await esl.api(CORE_UUID_COMMAND, leftMs()));
    if (coreUuid === null) return { promoted: false, reason: `${node.id} does not tell its core_uuid` };
    const set = await setPromoted(esl, vip.id, leftMs);
    if (!set.ok) return { promoted: false, reason: set.reason };
    for (const profile of vip.profiles) {
      const scanned = await rescan(esl, profile, leftMs);
      if (!scanned.ok) return { promoted: false, reason: scanned.reason };
    }
    const answer = await this.askUntilServing(node, vip, leftMs);
    if (!isServing(answer)) {
      return { promoted: false, reason: `rescanned, but OPTIONS ${whereOf(node, vip)}: ${answer.evidence.detail}` };
    }
    // It answered 200, and the connection of before still stands: the process that was promoted is the one that serves.
    if (!esl.isOpen) return { promoted: false, reason: `${node.id} closed its ESL connection during the promotion` };
    const did = `${promotedVariable(vip.id)}=${PROMOTED_VALUE} read back, rescanned ${vip.profiles.join(', ')}`;
    return { promoted: true, coreUuid, proof: `${did}; OPTIONS ${whereOf(node, vip)}: ${answer.evidence.detail}` };
  }

  private async askUntilServing(node: NodeTopology, vip: VipTopology, leftMs: () => number): Promise<OptionsResult> {
    const { clock, random } = this.options;
    let answer = await this.ask(node, vip, leftMs(), OPTIONS_TIMEOUT_MS);
    for (let questions = 1; questions < MAX_QUESTIONS && !isServing(answer); questions += 1) {
      const pauseMs = ASK_AGAIN_AFTER_MS * (1 + random.next());
      if (leftMs() < pauseMs + SHORTEST_QUESTION_MS) break;
      await clock.sleep(pauseMs);
      answer = await this.ask(node, vip, leftMs(), OPTIONS_TIMEOUT_MS);
    }
    return answer;
  }

  private ask(node: NodeTopology, vip: VipTopology, leftMs: number, atMostMs: number): Promise<OptionsResult> {
    const host = node.vipAddresses[vip.id];
    if (host === undefined) {
      const detail = `${vip.id} has no address on ${node.id}: add the node to its candidates and deploy`;
      return Promise.resolve({ evidence: { verdict: 'silent', detail, latencyMs: null }, status: null });
    }
    const { clock, random } = this.options;
    return sendOptions({ host, port: vip.sipPort, timeoutMs: Math.min(leftMs, atMostMs), ids: random, clock });
  }

  private async readCoreUuid(node: NodeTopology, leftMs: () => number): Promise<string | null> {
    const connection = await this.open(node, leftMs);
    try {
      return parseCoreUuid(await connection.api(CORE_UUID_COMMAND, leftMs()));
    } finally {
      connection.close();
    }
  }

  private open(node: NodeTopology, leftMs: () => number): Promise<EslConnection> {
    const { managementAddress: host, eslPort: port } = node;
    return openForTask({ host, port, password: this.options.password }, leftMs);
  }

  private countdown(timeoutMs: number): () => number {
    const { clock } = this.options;
    const startedMs = clock.monotonicMs();
    return () => timeoutMs - (clock.monotonicMs() - startedMs);
  }
}

/** Only 200 proves a promotion: a profile in standby says 503 to everybody. */
function isServing({ status }: OptionsResult): boolean {
  return status === 200;
}

function whereOf(node: NodeTopology, vip: VipTopology): string {
  return `${node.vipAddresses[vip.id] ?? 'no address'}:${vip.sipPort}`;
}

function reasonOf(error: unknown): string {
  return error instanceof EslFailure ? error.message : describeError(error);
}
