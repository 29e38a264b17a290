/** The switch's half of a recovery on simulated nodes, step by step as `lib/freeswitch/call-switch.ts` does it. */
import { describeError, OutsideRefused } from '../../domain/errors';
import type { NodeTopology, VipTopology } from '../../domain/model';
import type { CallSwitch, SwitchState } from '../../domain/ports';
import { type Countdown, countdown, type NodeAccess, onNode, type SimEslConnection, whyWithoutDatabase } from './esl';

/** Kept back from the jobs, so that a VIP that was serving can be promoted again whatever became of them. */
const PROMOTE_AGAIN_MS = 1_000;

/** Throws SimEslFailure when a node cannot be asked. */
export class SimCallSwitch implements CallSwitch {
  constructor(private readonly access: NodeAccess) {}

  async state(node: NodeTopology, timeoutMs: number): Promise<SwitchState> {
    const { process, switches } = this.access;
    const leftMs = countdown(process, timeoutMs);
    return onNode(this.access, node, leftMs, (esl) =>
      esl.api(leftMs, ({ coreUuid, pauses, sessions }) => ({
        coreUuid,
        paused: pauses,
        sessions,
        clockOffsetMs: (switches.get(node.id)?.clockOffsetMs ?? 0) - process.wallOffsetMs,
      })),
    );
  }

  async recoverProfiles(node: NodeTopology, vip: VipTopology, timeoutMs: number): Promise<{ replies: string[] }> {
    const leftMs = countdown(this.access.process, timeoutMs);
    return onNode(this.access, node, leftMs, async (esl) => {
      const wasPromoted = await esl.api(leftMs, (incarnation) => incarnation.isPromoted(vip.id));
      if (wasPromoted) {
        const why = await whyWithoutDatabase(esl, leftMs);
        if (why !== null) throw new OutsideRefused(`${vip.id} is in service there, and stays it: ${why}`);
        return this.recoverInStandby(esl, vip, leftMs);
      }
      return { replies: await this.recover(esl, vip, leftMs) };
    });
  }

  withoutDatabase(node: NodeTopology, timeoutMs: number): Promise<string | null> {
    const leftMs = countdown(this.access.process, timeoutMs);
    return onNode(this.access, node, leftMs, (esl) => whyWithoutDatabase(esl, leftMs));
  }

  unregisteredGateways(): Promise<string[]> {
    return Promise.resolve([]);
  }

  private async recover(esl: SimEslConnection, vip: VipTopology, leftMs: Countdown): Promise<string[]> {
    if (await esl.api(leftMs, ({ isPaused }) => isPaused)) throw new OutsideRefused('it is paused');
    return esl.bgapi(leftMs, (incarnation) => incarnation.recover(vip));
  }

  private async recoverInStandby(
    esl: SimEslConnection,
    vip: VipTopology,
    leftMs: Countdown,
  ): Promise<{ replies: string[] }> {
    const jobsLeftMs = (): number => Math.max(0, leftMs() - PROMOTE_AGAIN_MS);
    const outcome = await promote(esl, vip, false, leftMs)
      .then(() => this.recover(esl, vip, jobsLeftMs))
      .then(
        (replies) => ({ replies }),
        (error: unknown) => ({ error }),
      );
    const again = await promote(esl, vip, true, leftMs).then(
      () => 'promoted again',
      (error: unknown) => `not promoted again: ${describeError(error)}`,
    );
    if ('error' in outcome) throw outcome.error;
    return { replies: [...outcome.replies, `${vip.id} was in service, put into standby for the recovery, ${again}`] };
  }
}

/** The variable and the rescan are two commands: whoever dies between them leaves the flag as it was. */
async function promote(esl: SimEslConnection, vip: VipTopology, promoted: boolean, leftMs: Countdown): Promise<void> {
  await esl.api(leftMs, (incarnation) => incarnation.setPromoted(vip.id, promoted));
  await esl.api(leftMs, (incarnation) => incarnation.rescan(vip.id));
}
