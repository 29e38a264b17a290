import { describeError, OutsideRefused } from '../domain/errors';
import type { NodeTopology, VipTopology } from '../domain/model';
import type { CallSwitch, Clock, Random, SwitchState } from '../domain/ports';
import { clockOffsetMs } from './clock-offset';
import { whyWithoutDatabase } from './database-question';
import type { EslConnection } from './esl/connection';
import {
  CORE_UUID_COMMAND,
  parseCheck,
  parseCoreUuid,
  parseStatus,
  PAUSE_INBOUND_COMMAND,
  PAUSE_OUTBOUND_COMMAND,
  STATUS_COMMAND,
} from './esl/status';
import { type Countdown, countdown, type NodeTaskOptions, onNode } from './node-task';
import { clearPromoted, isPromoted, rescanAll, setPromoted, unsafeName, whyPausedEitherWay } from './promotion';
import { gatewayRows, isUnregistered, runningProfiles } from './sofia-tables';

export interface CallSwitchOptions extends NodeTaskOptions {
  clock: Pick<Clock, 'monotonicMs' | 'wallMs'>;
  random: Pick<Random, 'id'>;
}

/** Microseconds since 1970, a command of mod_dptools. */
const TIME_COMMAND = 'strmicroepoch';
/** Kept back from the jobs, so that a VIP that was serving can be promoted again whatever became of them. */
const PROMOTE_AGAIN_MS = 1_000;

/** The half of a recovery that a FreeSWITCH does itself. Connects anew for each task. See `CallSwitch`. */
export class EslCallSwitch implements CallSwitch {
  constructor(private readonly options: CallSwitchOptions) {}

  /** @throws OutsideRefused when the node does not tell its incarnation or its pause, EslFailure when it cannot be asked */
  async state(node: NodeTopology, timeoutMs: number): Promise<SwitchState> {
    const { clock } = this.options;
    const leftMs = countdown(clock, timeoutMs);
    return onNode(this.options, node, leftMs, async (esl) => {
      const askedMs = clock.wallMs();
      // Pipelined, the time first: one round trip, so that its half is the error of the offset.
      const time = esl.api(TIME_COMMAND, leftMs()).then((reply) => ({ reply, wallMs: (askedMs + clock.wallMs()) / 2 }));
      const [told, uuid, inbound, outbound, status] = await Promise.all([
        time,
        esl.api(CORE_UUID_COMMAND, leftMs()),
        esl.api(PAUSE_INBOUND_COMMAND, leftMs()),
        esl.api(PAUSE_OUTBOUND_COMMAND, leftMs()),
        esl.api(STATUS_COMMAND, leftMs()),
      ]);
      const coreUuid = parseCoreUuid(uuid);
      if (coreUuid === null) throw refused(node, `it does not tell its core_uuid, but "${esl.quote(uuid)}"`);
      return {
        coreUuid,
        paused: { inbound: flagOf(node, esl, inbound), outbound: flagOf(node, esl, outbound) },
        sessions: parseStatus(status)?.sessions ?? null,
        clockOffsetMs: clockOffsetMs(told.reply, told.wallMs),
      };
    });
  }

  /**
   * @throws OutsideRefused before any row is touched where a profile does not run or the node is paused by now, EslFailure
   * when a job does not end
   */
  async recoverProfiles(node: NodeTopology, vip: VipTopology, timeoutMs: number): Promise<{ replies: string[] }> {
    refuseUnsafeNames(node, vip);
    const leftMs = countdown(this.options.clock, timeoutMs);
    return onNode(this.options, node, leftMs, async (esl) => {
      await this.requireProfiles(esl, node, vip, leftMs);
      if (!(await isPromoted(esl, vip.id, leftMs))) return { replies: await this.recover(esl, node, vip, leftMs) };
      // Callers are served: they are not turned away for a recovery that could read no row.
      const why = await whyWithoutDatabase(esl, leftMs);
      if (why !== null) throw refused(node, `${vip.id} is in service there, and stays it: ${why}`);
      return this.recoverInStandby(esl, node, vip, leftMs);
    });
  }

  withoutDatabase(node: NodeTopology, timeoutMs: number): Promise<string | null> {
    const leftMs = countdown(this.options.clock, timeoutMs);
    return onNode(this.options, node, leftMs, (esl) => whyWithoutDatabase(esl, leftMs));
  }

  async unregisteredGateways(node: NodeTopology, vip: VipTopology, timeoutMs: number): Promise<string[]> {
    const leftMs = countdown(this.options.clock, timeoutMs);
    return onNode(this.options, node, leftMs, async (esl) => {
      const gateways = gatewayRows(await esl.api('sofia status gateway', leftMs()));
      const ours = gateways.filter(({ profile }) => vip.profiles.includes(profile));
      return ours.filter(isUnregistered).map(({ profile, name }) => esl.quote(`${profile}::${name}`));
    });
  }

  /** Rows of a profile that a node does not have would be deleted there, unrecovered (FACTS 7.2). */
  private async requireProfiles(esl: EslConnection, node: NodeTopology, vip: VipTopology, leftMs: Countdown) {
    const running = runningProfiles(await esl.api('sofia status', leftMs()));
    const absent = vip.profiles.filter((profile) => !running.includes(profile));
    if (absent.length === 0) return;
    throw refused(node, `${absent.join(', ')} does not run there: see its log for why it could not bind`);
  }

  private async recoverInStandby(esl: EslConnection, node: NodeTopology, vip: VipTopology, leftMs: Countdown) {
    const outcome = await this.enterStandby(esl, node, vip, leftMs)
      .then(() => this.recover(esl, node, vip, () => leftMs() - PROMOTE_AGAIN_MS))
      .then(
        (replies) => ({ replies }),
        (error: unknown) => ({ error }),
      );
    // Callers come before the reason: the VIP was serving, and it must again.
    const failure = await this.leaveStandby(esl, vip, leftMs).catch((error: unknown) => describeError(error));
    if ('error' in outcome) throw outcome.error;
    const promoted = failure === null ? 'promoted again' : `not promoted again: ${failure}`;
    return {
      replies: [...outcome.replies, `${vip.id} was in service, put into standby for the recovery, ${promoted}`],
    };
  }

  private async enterStandby(esl: EslConnection, node: NodeTopology, vip: VipTopology, leftMs: Countdown) {
    const cleared = await clearPromoted(esl, vip.id, leftMs);
    const scanned = cleared.ok ? await rescanAll(esl, vip.profiles, leftMs) : cleared;
    if (!scanned.ok) throw refused(node, scanned.reason);
  }

  /** Null when done, or why not. */
  private async leaveStandby(esl: EslConnection, vip: VipTopology, leftMs: Countdown): Promise<string | null> {
    const set = await setPromoted(esl, vip.id, leftMs);
    const scanned = set.ok ? await rescanAll(esl, vip.profiles, leftMs) : set;
    return scanned.ok ? null : scanned.reason;
  }

  /** All at once: legs bridged over two profiles wait 2 s for each other (FACTS 8.2). */
  private async recover(
    esl: EslConnection,
    node: NodeTopology,
    vip: VipTopology,
    leftMs: Countdown,
  ): Promise<string[]> {
    // Its state was read before the rows were prepared, and a pause since then would cost every call (FACTS 7.5).
    const paused = await whyPausedEitherWay(esl, leftMs);
    if (paused !== null) throw refused(node, paused);
    const timeoutMs = leftMs();
    const jobs = vip.profiles.map(async (profile) => {
      const job = { jobUuid: this.options.random.id(), timeoutMs };
      return `${profile}: ${esl.quote(await esl.bgapi(`fsctl recover sofia:${profile}`, job))}`;
    });
    const ended = await Promise.allSettled(jobs);
    return ended.map((each) => {
      if (each.status === 'rejected') throw each.reason;
      return each.value;
    });
  }
}

/** A pause that is not known is not "not paused": a paused node deletes all rows and recovers none (FACTS 7.5). */
function flagOf(node: NodeTopology, esl: EslConnection, reply: string): boolean {
  const paused = parseCheck(reply);
  if (paused !== null) return paused;
  throw refused(node, `\`fsctl pause_check\` said "${esl.quote(reply)}", neither true nor false`);
}

function refuseUnsafeNames(node: NodeTopology, vip: VipTopology): void {
  const unsafe = unsafeName(vip);
  if (unsafe !== null) throw refused(node, `"${unsafe}" cannot stand in a command: rename it`);
}

function refused(node: NodeTopology, reason: string): OutsideRefused {
  return new OutsideRefused(`${node.id}: ${reason}`);
}
