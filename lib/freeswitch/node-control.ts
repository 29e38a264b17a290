import { describeError } from '../domain/errors';
import type { NodeTopology, VipTopology } from '../domain/model';
import { unreachedBy, type Unreached } from '../domain/node-control';
import type {
  CheckResult,
  Clock,
  DemoteResult,
  Inspection,
  NodeControl,
  ProcessLook,
  PromoteResult,
  Random,
  ShutdownProof,
} from '../domain/ports';
import { whyWithoutDatabase } from './database-question';
import type { EslConnection } from './esl/connection';
import { EslFailure } from './esl/failure';
import type { PasswordSource } from './esl/password';
import { CORE_UUID_COMMAND, parseCoreUuid } from './esl/status';
import { inspectNode } from './inspect/inspect-node';
import { type Countdown, countdown, onNode, openNode } from './node-task';
import { lookAtProcess } from './process-look';
import {
  clearPromoted,
  isPromoted,
  promotedVariable,
  PROMOTED_VALUE,
  rescanAll,
  setPromoted,
  unsafeName,
  whyNotFull,
} from './promotion';
import {
  hidesStandby,
  inWords,
  isServing,
  mayServe,
  mayStandBy,
  OPTIONS_TIMEOUT_MS,
  ProfileQuestions,
} from './profile-questions';
import { shutDownNow } from './shutdown';

export interface NodeControlOptions {
  password: PasswordSource;
  clock: Pick<Clock, 'monotonicMs' | 'sleep'>;
  random: Random;
}

const FULL = 'full, and not paused';
/** Of who serves already before anything is done; an answer takes a millisecond. */
const ASK_BEFORE_MS = 200;

/** The part of `NodeControl` that needs the node alone. What needs the database too is composed of this elsewhere. */
type NodeOrders = Pick<NodeControl, 'shutdownNow' | 'promote' | 'check' | 'demote' | 'inspect'>;

/** Orders to a node over ESL, each proved by what the node does afterwards. Connects anew for each. Never throws. */
export class EslNodeControl implements NodeOrders {
  private readonly questions: ProfileQuestions;

  constructor(private readonly options: NodeControlOptions) {
    this.questions = new ProfileQuestions(options);
  }

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

  /** @param meantUuid the incarnation that is meant; another one found there stays as it is */
  async promote(
    node: NodeTopology,
    vip: VipTopology,
    timeoutMs: number,
    meantUuid: string | null = null,
  ): Promise<PromoteResult> {
    const unsafe = unsafeName(vip);
    if (unsafe !== null) return { promoted: false, reason: `"${unsafe}" cannot stand in a command: rename it` };
    const leftMs = this.countdown(timeoutMs);
    try {
      return await onNode(this.options, node, leftMs, (esl) => this.promoteOver(esl, node, vip, meantUuid, leftMs));
    } catch (error) {
      return { promoted: false, reason: reasonOf(error), ...unreachedBy(error) };
    }
  }

  /**
   * Live calls of the VIP go on; new ones get 503. Idempotent. A node that is full or paused says nothing of its
   * standby: there the variable that is cleared and the rescan that was done are the proof.
   */
  async demote(node: NodeTopology, vip: VipTopology, timeoutMs: number): Promise<DemoteResult> {
    const unsafe = unsafeName(vip);
    if (unsafe !== null) return { demoted: false, reason: `"${unsafe}" cannot stand in a command: rename it` };
    const leftMs = this.countdown(timeoutMs);
    try {
      return await onNode(this.options, node, leftMs, (esl) => this.demoteOver(esl, node, vip, leftMs));
    } catch (error) {
      return { demoted: false, reason: reasonOf(error), ...unreachedBy(error) };
    }
  }

  /** Read-only. What ESL cannot show (`-reincarnate`, keepalived, monit, scripts) is not among the conflicts. */
  async inspect(node: NodeTopology, vips: VipTopology[], timeoutMs: number): Promise<Inspection> {
    const leftMs = this.countdown(timeoutMs);
    const serves = async (vip: VipTopology): Promise<boolean> => {
      const answers = await this.questions.ask(node, vip, Math.min(leftMs(), OPTIONS_TIMEOUT_MS));
      return answers.some(isServing);
    };
    return inspectNode(node, vips, { ...this.options, leftMs, serves });
  }

  /**
   * Serving is a VIP of which every profile does that can be asked. So is a full one that reads as promoted: it serves
   * the calls that it has, and a standby that hides behind that shows as soon as one of them ends. A paused one is not:
   * it turns callers away until a human resumes it, and who waits for this check is told so.
   */
  async check(node: NodeTopology, vip: VipTopology, timeoutMs: number, asksDatabase = false): Promise<CheckResult> {
    const leftMs = this.countdown(timeoutMs);
    const look = async (esl: EslConnection): Promise<ProcessLook> => {
      const seen = await lookAtProcess(esl, leftMs);
      return asksDatabase ? { ...seen, withoutDatabase: await whyWithoutDatabase(esl, leftMs) } : seen;
    };
    let unreached: Unreached = {};
    const [answers, process] = await Promise.all([
      this.questions.ask(node, vip, leftMs()),
      onNode(this.options, node, leftMs, look).catch((error: unknown) => {
        unreached = unreachedBy(error);
        return { coreUuid: null, unfit: reasonOf(error) };
      }),
    ]);
    const others = answers.filter((answer) => !mayServe(answer));
    if (others.length > 0) return { ...process, serving: false, reason: inWords(others), ...unreached };
    if (!answers.some(hidesStandby)) return { ...process, serving: true, proof: inWords(answers) };
    const why = await this.whyNotServingFull(node, vip, leftMs).catch(reasonOf);
    if (why !== null) return { ...process, serving: false, reason: `${inWords(answers)}: ${why}`, ...unreached };
    return { ...process, serving: true, proof: `${inWords(answers)}: promoted, ${FULL}` };
  }

  private async promoteOver(
    esl: EslConnection,
    node: NodeTopology,
    vip: VipTopology,
    meantUuid: string | null,
    leftMs: Countdown,
  ): Promise<PromoteResult> {
    const coreUuid = parseCoreUuid(await esl.api(CORE_UUID_COMMAND, leftMs()));
    if (coreUuid === null) return { promoted: false, reason: `${node.id} does not tell its core_uuid` };
    if (meantUuid !== null && coreUuid !== meantUuid) {
      return { promoted: false, reason: `${node.id} runs ${coreUuid}, and ${meantUuid} was to be promoted` };
    }
    const serving = await this.servingSinceBefore(esl, node, vip, leftMs);
    const set = await setPromoted(esl, vip.id, leftMs);
    if (!set.ok) return { promoted: false, reason: set.reason };
    const standingBy = vip.profiles.filter((profile) => !serving.includes(profile));
    const scanned = await rescanAll(esl, standingBy, leftMs);
    if (!scanned.ok) return { promoted: false, reason: scanned.reason };
    const answers = await this.questions.askUntil(mayServe, node, vip, leftMs);
    const others = answers.filter((answer) => !mayServe(answer));
    if (others.length > 0) return { promoted: false, reason: `rescanned, but ${inWords(others)}${noteOf(scanned)}` };
    const full = answers.some(hidesStandby);
    const why = full ? await whyNotFull(esl, leftMs) : null;
    if (why !== null) return { promoted: false, reason: `rescanned, but ${inWords(answers)}: ${why}` };
    // It answered, and the connection of before still stands: the process that was promoted is the one that serves.
    if (!esl.isOpen) return { promoted: false, reason: `${node.id} closed its ESL connection during the promotion` };
    const rescanned = standingBy.length === 0 ? 'all served already' : `rescanned ${standingBy.join(', ')}`;
    const did = `${promotedVariable(vip.id)}=${PROMOTED_VALUE} read back, ${rescanned}`;
    return { promoted: true, coreUuid, proof: `${did}; ${inWords(answers)}${full ? `: ${FULL}` : ''}` };
  }

  /**
   * The profiles that an attempt before has promoted: a rescan reads all the XML again, users and all, and where each
   * takes long no attempt would get further than the one before.
   */
  private async servingSinceBefore(
    esl: EslConnection,
    node: NodeTopology,
    vip: VipTopology,
    leftMs: Countdown,
  ): Promise<string[]> {
    if (!(await isPromoted(esl, vip.id, leftMs))) return [];
    const answers = await this.questions.ask(node, vip, Math.min(leftMs(), ASK_BEFORE_MS));
    return answers.filter(isServing).flatMap(({ profile }) => profile ?? []);
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
    const answers = await this.questions.askUntil(mayStandBy, node, vip, leftMs);
    const others = answers.filter((answer) => !mayStandBy(answer));
    if (others.length > 0) return { demoted: false, reason: `rescanned, but ${inWords(others)}${noteOf(scanned)}` };
    const did = `${promotedVariable(vip.id)} cleared, rescanned ${vip.profiles.join(', ')}`;
    const hidden = answers.some(hidesStandby) ? ': full or paused, which hides the standby' : '';
    return { demoted: true, proof: `${did}; ${inWords(answers)}${hidden}` };
  }

  private whyNotServingFull(node: NodeTopology, vip: VipTopology, leftMs: Countdown): Promise<string | null> {
    const unsafe = unsafeName(vip);
    if (unsafe !== null) return Promise.resolve(`"${unsafe}" cannot stand in a command: rename it`);
    return onNode(this.options, node, leftMs, async (esl) => {
      const promoted = await isPromoted(esl, vip.id, leftMs);
      return promoted ? whyNotFull(esl, leftMs) : `${promotedVariable(vip.id)} is not ${PROMOTED_VALUE}`;
    });
  }

  private countdown(timeoutMs: number): Countdown {
    return countdown(this.options.clock, timeoutMs);
  }
}

const noteOf = ({ note }: { note?: string }): string => (note === undefined ? '' : `; ${note}`);

function reasonOf(error: unknown): string {
  return error instanceof EslFailure ? error.message : describeError(error);
}
