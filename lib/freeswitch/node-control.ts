import { describeError } from '../domain/errors';
import type { NodeTopology, VipTopology } from '../domain/model';
import type {
  CheckResult,
  Clock,
  DemoteResult,
  Inspection,
  NodeControl,
  PromoteResult,
  Random,
  ShutdownProof,
} from '../domain/ports';
import type { EslConnection } from './esl/connection';
import { EslFailure } from './esl/failure';
import type { PasswordSource } from './esl/password';
import { CORE_UUID_COMMAND, parseCoreUuid } from './esl/status';
import { inspectNode } from './inspect/inspect-node';
import { type Countdown, countdown, onNode, openNode } from './node-task';
import { clearPromoted, promotedVariable, PROMOTED_VALUE, rescanAll, setPromoted, unsafeName } from './promotion';
import { shutDownNow } from './shutdown';
import { type OptionsResult, sendOptions } from './sip/options';

export interface NodeControlOptions {
  password: PasswordSource;
  clock: Pick<Clock, 'monotonicMs' | 'sleep'>;
  random: Random;
}

/** One OPTIONS exchange of the wait for 200; an answer takes a millisecond. */
const OPTIONS_TIMEOUT_MS = 500;
/** Between two questions: the rescan's effect is there when it replies, so the first answer is mostly the one. */
const ASK_AGAIN_AFTER_MS = 20;
const MAX_QUESTIONS = 200;
/** With less time left a healthy node would look silent, and hide what it said before. */
const SHORTEST_QUESTION_MS = 100;

/** The part of `NodeControl` that needs the node alone. What needs the database too is composed of this elsewhere. */
type NodeOrders = Pick<NodeControl, 'shutdownNow' | 'promote' | 'check' | 'demote' | 'inspect'>;

/** Orders to a node over ESL, each proved by what the node does afterwards. Connects anew for each. Never throws. */
export class EslNodeControl implements NodeOrders {
  constructor(private readonly options: NodeControlOptions) {}

  /** @param coreUuid the incarnation that is meant; another one found there is left alone, and proves the same */
  async shutdownNow(node: NodeTopology, timeoutMs: number, coreUuid: string | null = null): Promise<ShutdownProof> {
    const { clock, random } = this.options;
    const leftMs = this.countdown(timeoutMs);
    return shutDownNow({
      open: () => openNode(this.options, node, leftMs),
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
    try {
      return await onNode(this.options, node, leftMs, (esl) => this.promoteOver(esl, node, vip, leftMs));
    } catch (error) {
      return { promoted: false, reason: reasonOf(error) };
    }
  }

  /** Live calls of the VIP go on; new ones get 503. Idempotent. */
  async demote(node: NodeTopology, vip: VipTopology, timeoutMs: number): Promise<DemoteResult> {
    const unsafe = unsafeName(vip);
    if (unsafe !== null) return { demoted: false, reason: `"${unsafe}" cannot stand in a command: rename it` };
    const leftMs = this.countdown(timeoutMs);
    try {
      return await onNode(this.options, node, leftMs, (esl) => this.demoteOver(esl, node, vip, leftMs));
    } catch (error) {
      return { demoted: false, reason: reasonOf(error) };
    }
  }

  /** Read-only. What ESL cannot show (`-reincarnate`, keepalived, monit, scripts) is not among the conflicts. */
  async inspect(node: NodeTopology, vips: VipTopology[], timeoutMs: number): Promise<Inspection> {
    const leftMs = this.countdown(timeoutMs);
    const serves = async (vip: VipTopology): Promise<boolean> =>
      isServing(await this.ask(node, vip, leftMs(), OPTIONS_TIMEOUT_MS));
    return inspectNode(node, vips, { ...this.options, leftMs, serves });
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
    leftMs: Countdown,
  ): Promise<PromoteResult> {
    const coreUuid = parseCoreUuid(await esl.api(CORE_UUID_COMMAND, leftMs()));
    if (coreUuid === null) return { promoted: false, reason: `${node.id} does not tell its core_uuid` };
    const set = await setPromoted(esl, vip.id, leftMs);
    if (!set.ok) return { promoted: false, reason: set.reason };
    const scanned = await rescanAll(esl, vip.profiles, leftMs);
    if (!scanned.ok) return { promoted: false, reason: scanned.reason };
    const answer = await this.askUntil(isServing, node, vip, leftMs);
    if (!isServing(answer)) {
      return { promoted: false, reason: `rescanned, but OPTIONS ${whereOf(node, vip)}: ${answer.evidence.detail}` };
    }
    // It answered 200, and the connection of before still stands: the process that was promoted is the one that serves.
    if (!esl.isOpen) return { promoted: false, reason: `${node.id} closed its ESL connection during the promotion` };
    const did = `${promotedVariable(vip.id)}=${PROMOTED_VALUE} read back, rescanned ${vip.profiles.join(', ')}`;
    return { promoted: true, coreUuid, proof: `${did}; OPTIONS ${whereOf(node, vip)}: ${answer.evidence.detail}` };
  }

  private async demoteOver(
    esl: EslConnection,
    node: NodeTopology,
    vip: VipTopology,
    leftMs: Countdown,
  ): Promise<DemoteResult> {
    const cleared = await clearPromoted(esl, vip.id, leftMs);
    if (!cleared.ok) return { demoted: false, reason: cleared.reason };
    const scanned = await rescanAll(esl, vip.profiles, leftMs);
    if (!scanned.ok) return { demoted: false, reason: scanned.reason };
    const { evidence } = await this.askUntil(isStandby, node, vip, leftMs);
    const said = `OPTIONS ${whereOf(node, vip)}: ${evidence.detail}`;
    if (evidence.verdict !== 'standby') return { demoted: false, reason: `rescanned, but ${said}` };
    return {
      demoted: true,
      proof: `${promotedVariable(vip.id)} cleared, rescanned ${vip.profiles.join(', ')}; ${said}`,
    };
  }

  private async askUntil(
    good: (answer: OptionsResult) => boolean,
    node: NodeTopology,
    vip: VipTopology,
    leftMs: Countdown,
  ): Promise<OptionsResult> {
    const { clock, random } = this.options;
    let answer = await this.ask(node, vip, leftMs(), OPTIONS_TIMEOUT_MS);
    for (let questions = 1; questions < MAX_QUESTIONS && !good(answer); questions += 1) {
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

  private readCoreUuid(node: NodeTopology, leftMs: Countdown): Promise<string | null> {
    const read = async (esl: EslConnection): Promise<string | null> =>
      parseCoreUuid(await esl.api(CORE_UUID_COMMAND, leftMs()));
    return onNode(this.options, node, leftMs, read);
  }

  private countdown(timeoutMs: number): Countdown {
    return countdown(this.options.clock, timeoutMs);
  }
}

/** Only 200 proves a promotion: a profile in standby says 503 to everybody. */
function isServing({ status }: OptionsResult): boolean {
  return status === 200;
}

/** `System Paused`: only the flag of the profile says that. */
function isStandby({ evidence }: OptionsResult): boolean {
  return evidence.verdict === 'standby';
}

function whereOf(node: NodeTopology, vip: VipTopology): string {
  return `${node.vipAddresses[vip.id] ?? 'no address'}:${vip.sipPort}`;
}

function reasonOf(error: unknown): string {
  return error instanceof EslFailure ? error.message : describeError(error);
}
