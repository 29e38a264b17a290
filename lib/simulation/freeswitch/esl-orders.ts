/** Orders to simulated nodes, step by step as `lib/freeswitch/node-control.ts` gives them, with the same proofs. */
import { describeError } from '../../domain/errors';
import type { NodeTopology, VipTopology } from '../../domain/model';
import { REFUSED_ALREADY, unreachedBy, type No, type Unreached } from '../../domain/node-control';
import type {
  CheckResult,
  DemoteResult,
  Inspection,
  ProcessLook,
  PromoteResult,
  ShutdownProof,
} from '../../domain/ports';
import type { EslOrders } from '../../operations/node-orders';
import {
  type Countdown,
  countdown,
  type NodeAccess,
  onNode,
  type OptionsAnswer,
  sendOptions,
  SimEslConnection,
  SimEslFailure,
  whyWithoutDatabase,
} from './esl';
import type { Incarnation, SipAnswer } from './incarnation';

const CLOSE_WITHIN_MS = 1_000;
const LOOK_EVERY_MS = 25;
const MAX_LOOKS = 200;
const MAX_TRIES = 4;
const OPTIONS_TIMEOUT_MS = 500;
const ASK_AGAIN_AFTER_MS = 20;
const MAX_QUESTIONS = 200;
const SHORTEST_QUESTION_MS = 100;
/** `busy` is full or paused: ESL tells which. */
const MAY_SERVE: readonly SipAnswer[] = ['ok', 'busy'];
/** `busy` hides a standby. */
const MAY_STAND_BY: readonly SipAnswer[] = ['standby', 'busy'];

/** Never throws. */
export class SimEslOrders implements EslOrders {
  constructor(private readonly access: NodeAccess) {}

  async shutdownNow(node: NodeTopology, timeoutMs: number, meant: string | null = null): Promise<ShutdownProof> {
    const { process } = this.access;
    const leftMs = countdown(process, timeoutMs);
    let last: Nobody | null = null;
    for (let tries = 0; tries < MAX_TRIES && leftMs() > 0; tries += 1) {
      if (last !== null) await process.sleep(this.jittered(LOOK_EVERY_MS));
      const found = await this.endWhoListens(node, leftMs, meant);
      if ('fenced' in found) return found;
      if (last?.refuses === true && found.refuses) {
        return { fenced: true, proof: `${REFUSED_ALREADY}, no order was needed; then a new connection was refused` };
      }
      last = found;
    }
    return { fenced: false, reason: last?.reason ?? 'there was no time to ask' };
  }

  async promote(
    node: NodeTopology,
    vip: VipTopology,
    timeoutMs: number,
    meantUuid: string | null = null,
  ): Promise<PromoteResult> {
    const leftMs = countdown(this.access.process, timeoutMs);
    try {
      return await onNode(this.access, node, leftMs, async (esl) => {
        const coreUuid = await esl.api(leftMs, (incarnation) => incarnation.coreUuid);
        if (meantUuid !== null && coreUuid !== meantUuid)
          return { promoted: false, reason: `${node.id} runs ${coreUuid}, and ${meantUuid} was to be promoted` };
        await esl.api(leftMs, (incarnation) => incarnation.setPromoted(vip.id, true));
        await esl.api(leftMs, (incarnation) => incarnation.rescan(vip.id));
        const answer = await this.askUntil(MAY_SERVE, node, vip, leftMs);
        const said = `OPTIONS: ${answer.detail}`;
        const paused = answer.verdict === 'busy' && (await esl.api(leftMs, ({ pauses }) => pauses.inbound));
        if (!MAY_SERVE.includes(answer.verdict) || paused) return { promoted: false, reason: `rescanned, but ${said}` };
        if (!esl.isOpen)
          return { promoted: false, reason: `${node.id} closed its ESL connection during the promotion` };
        return { promoted: true, coreUuid, proof: `promoted and rescanned; ${said}` };
      });
    } catch (error) {
      return { promoted: false, reason: describeError(error), ...unreachedBy(error) };
    }
  }

  async check(node: NodeTopology, vip: VipTopology, timeoutMs: number, asksDatabase = false): Promise<CheckResult> {
    const leftMs = countdown(this.access.process, timeoutMs);
    const look = async (esl: SimEslConnection): Promise<ProcessLook> => {
      const seen = await esl.api(leftMs, lookAt);
      return asksDatabase ? { ...seen, withoutDatabase: await whyWithoutDatabase(esl, leftMs) } : seen;
    };
    let unreached: Unreached = {};
    const [answer, process] = await Promise.all([
      sendOptions(this.access, node, vip, timeoutMs),
      onNode(this.access, node, leftMs, look).catch((error: unknown) => {
        unreached = unreachedBy(error);
        return { coreUuid: null, unfit: describeError(error) };
      }),
    ]);
    const said = `OPTIONS: ${answer.detail}`;
    const serving =
      answer.verdict === 'ok' || (answer.verdict === 'busy' && (await this.isPromotedAndFull(node, vip, leftMs)));
    return serving ? { ...process, serving, proof: said } : { ...process, serving, reason: said, ...unreached };
  }

  async demote(node: NodeTopology, vip: VipTopology, timeoutMs: number): Promise<DemoteResult> {
    const leftMs = countdown(this.access.process, timeoutMs);
    try {
      return await onNode(this.access, node, leftMs, async (esl) => {
        await esl.api(leftMs, (incarnation) => incarnation.setPromoted(vip.id, false));
        await esl.api(leftMs, (incarnation) => incarnation.rescan(vip.id));
        const { verdict, detail } = await this.askUntil(MAY_STAND_BY, node, vip, leftMs);
        if (!MAY_STAND_BY.includes(verdict)) return { demoted: false, reason: `rescanned, but OPTIONS: ${detail}` };
        return { demoted: true, proof: `rescanned; OPTIONS: ${detail}` };
      });
    } catch (error) {
      return { demoted: false, reason: describeError(error), ...unreachedBy(error) };
    }
  }

  /** All nodes of a simulation are of our own configuration; what fights it is seen as the real one sees it. */
  async inspect(node: NodeTopology, vips: VipTopology[], timeoutMs: number): Promise<Inspection> {
    const leftMs = countdown(this.access.process, timeoutMs);
    const here = vips.filter((vip) => node.vipAddresses[vip.id] !== undefined);
    try {
      const promoted = await onNode(this.access, node, leftMs, (esl) =>
        esl.api(leftMs, (incarnation) => here.filter((vip) => incarnation.isPromoted(vip.id))),
      );
      const conflicts: string[] = [];
      for (const vip of here) {
        const { verdict } = await sendOptions(this.access, node, vip, Math.min(OPTIONS_TIMEOUT_MS, leftMs()));
        if (verdict === 'ok' && !promoted.includes(vip)) {
          conflicts.push(`VIP ${vip.id} serves here although nobody promoted it`);
        }
      }
      return { nodeId: node.id, level: 3, missing: [], conflicts };
    } catch (error) {
      return { nodeId: node.id, level: null, missing: [describeError(error)], conflicts: [], ...unreachedBy(error) };
    }
  }

  private async endWhoListens(
    node: NodeTopology,
    leftMs: Countdown,
    meant: string | null,
  ): Promise<ShutdownProof | Nobody> {
    let connection: SimEslConnection;
    try {
      connection = await SimEslConnection.open(this.access, node, leftMs);
    } catch (error) {
      return nobodyOr(error);
    }
    try {
      const running = await connection.api(leftMs, ({ coreUuid }) => coreUuid).catch(nobodyOr);
      if (typeof running !== 'string') return running;
      if (meant !== null && running !== meant) return restarted(meant, running);
      if (!connection.isOpen) return await this.endsByItself(node, leftMs, running);
      const refusal = await orderedToEnd(connection, leftMs);
      if (refusal !== null) return { fenced: false, ...refusal };
      return await this.proveGone(node, leftMs, running, 'the connection closed after `fsctl shutdown now`');
    } finally {
      connection.close();
    }
  }

  /** No order was sent. Twice, as where nothing listened from the start. */
  private async endsByItself(node: NodeTopology, leftMs: Countdown, running: string): Promise<ShutdownProof> {
    const first = await this.proveGone(node, leftMs, running, 'the node hung up before it was told to end');
    if (!first.fenced) return first;
    await this.access.process.sleep(this.jittered(LOOK_EVERY_MS));
    return this.proveGone(node, leftMs, running, `${REFUSED_ALREADY}, no order was needed`);
  }

  /** Nothing may listen now, or somebody else must than the incarnation that was told to end. */
  private async proveGone(node: NodeTopology, leftMs: Countdown, old: string, first: string): Promise<ShutdownProof> {
    let last = 'there was no time to look';
    for (let looks = 0; looks < MAX_LOOKS && leftMs() > 0; looks += 1) {
      try {
        const found = await onNode(this.access, node, leftMs, (esl) => esl.api(leftMs, ({ coreUuid }) => coreUuid));
        if (found !== old) return restarted(old, found);
        last = `${found} still answers`;
      } catch (error) {
        if (isRefused(error)) return { fenced: true, proof: `${first}; then a new connection was refused` };
        last = describeError(error);
      }
      await this.access.process.sleep(Math.min(this.jittered(LOOK_EVERY_MS), leftMs()));
    }
    return { fenced: false, reason: `${first}, but its end could not be proved: ${last}` };
  }

  private isPromotedAndFull(node: NodeTopology, vip: VipTopology, leftMs: Countdown): Promise<boolean> {
    return onNode(this.access, node, leftMs, (esl) =>
      esl.api(leftMs, (incarnation) => incarnation.isPromoted(vip.id) && !incarnation.pauses.inbound),
    ).catch(() => false);
  }

  private async askUntil(
    good: readonly SipAnswer[],
    node: NodeTopology,
    vip: VipTopology,
    leftMs: Countdown,
  ): Promise<OptionsAnswer> {
    const question = (): Promise<OptionsAnswer> =>
      sendOptions(this.access, node, vip, Math.min(OPTIONS_TIMEOUT_MS, leftMs()));
    let answer = await question();
    for (let questions = 1; questions < MAX_QUESTIONS && !good.includes(answer.verdict); questions += 1) {
      const pauseMs = this.jittered(ASK_AGAIN_AFTER_MS);
      if (leftMs() < pauseMs + SHORTEST_QUESTION_MS) break;
      await this.access.process.sleep(pauseMs);
      answer = await question();
    }
    return answer;
  }

  private jittered(ms: number): number {
    return ms * (1 + this.access.dice.next());
  }
}

/** Nothing listens, or somebody hung up before it said who it is. */
interface Nobody {
  refuses: boolean;
  reason: string;
}

function nobodyOr(error: unknown): ShutdownProof | Nobody {
  const reason = describeError(error);
  if (error instanceof SimEslFailure && (error.kind === 'refused' || error.kind === 'closed')) {
    return { refuses: error.kind === 'refused', reason };
  }
  return { fenced: false, reason, ...unreachedBy(error) };
}

function lookAt({ coreUuid, isPaused }: Incarnation): ProcessLook {
  return { coreUuid, unfit: isPaused ? 'it is paused' : null };
}

/** Null when the connection closed, which is the only good answer to this order. */
async function orderedToEnd(connection: SimEslConnection, leftMs: Countdown): Promise<No | null> {
  const closeWithinMs = Math.min(CLOSE_WITHIN_MS, leftMs());
  try {
    await connection.api(
      () => closeWithinMs,
      (incarnation) => incarnation.kill(),
    );
    return { reason: '`fsctl shutdown now` was answered instead of a closed connection' };
  } catch (error) {
    const isClosed = error instanceof SimEslFailure && error.kind === 'closed';
    return isClosed ? null : { reason: describeError(error), ...unreachedBy(error) };
  }
}

function isRefused(error: unknown): boolean {
  return error instanceof SimEslFailure && error.kind === 'refused';
}

function restarted(old: string, running: string): ShutdownProof {
  return { fenced: true, proof: `${running} runs there now, so the process ${old} is gone` };
}
