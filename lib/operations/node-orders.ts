/** NodeControl as the node-control function has it: orders over ESL and SIP, and those that need the database too. */
import { describeError, DatabaseAway } from '../domain/errors';
import type { NodeTopology, VipTopology } from '../domain/model';
import type {
  AliveResult,
  Forecast,
  LockResult,
  NodeControl,
  PreviewResult,
  RecoverResult,
  RecoveryOrder,
  UnlockResult,
} from '../domain/ports';
import { forecastCalls } from './forecast-calls';
import { previewCalls } from './preview-calls';
import { countAlive, recoverCalls, type RecoveryDeps } from './recover-calls';

export type EslOrders = Pick<NodeControl, 'shutdownNow' | 'promote' | 'check' | 'demote' | 'inspect'>;

const NO_DATABASE = 'this function was given no database: deploy the control plane again';

/** Never throws: an answer says what could not be done, and why. */
export class NodeOrders implements NodeControl {
  readonly shutdownNow: NodeControl['shutdownNow'];
  readonly promote: NodeControl['promote'];
  readonly check: NodeControl['check'];
  readonly demote: NodeControl['demote'];
  readonly inspect: NodeControl['inspect'];

  constructor(
    esl: EslOrders,
    private readonly recovery: RecoveryDeps,
  ) {
    this.shutdownNow = (...order) => esl.shutdownNow(...order);
    this.promote = (...order) => esl.promote(...order);
    this.check = (...order) => esl.check(...order);
    this.demote = (...order) => esl.demote(...order);
    this.inspect = (...order) => esl.inspect(...order);
  }

  async lockRole(node: NodeTopology, timeoutMs: number): Promise<LockResult> {
    const { database } = this.recovery;
    const role = node.databaseRole;
    if (database === null || role === null) return { locked: false, away: false, reason: NO_DATABASE };
    try {
      const { sessionsEnded } = await database.lockRole(role, timeoutMs);
      return { locked: true, proof: `role ${role} may not log in, its ${sessionsEnded} sessions are ended` };
    } catch (error) {
      return { locked: false, away: error instanceof DatabaseAway, reason: describeError(error) };
    }
  }

  async unlockRole(node: NodeTopology, timeoutMs: number): Promise<UnlockResult> {
    const { database } = this.recovery;
    const role = node.databaseRole;
    if (database === null || role === null) return { unlocked: false, reason: NO_DATABASE };
    try {
      await database.unlockRole(role, timeoutMs);
      return { unlocked: true, proof: `role ${role} may log in again` };
    } catch (error) {
      return { unlocked: false, reason: describeError(error) };
    }
  }

  recover(node: NodeTopology, vip: VipTopology, order: RecoveryOrder, timeoutMs: number): Promise<RecoverResult> {
    return recoverCalls(this.recovery, node, vip, order, timeoutMs);
  }

  countAlive(node: NodeTopology, vip: VipTopology, order: RecoveryOrder, timeoutMs: number): Promise<AliveResult> {
    return countAlive(this.recovery, node, vip, order, timeoutMs);
  }

  previewRecovery(
    node: NodeTopology,
    vip: VipTopology,
    order: RecoveryOrder,
    timeoutMs: number,
  ): Promise<PreviewResult> {
    return previewCalls(this.recovery, node, vip, order, timeoutMs);
  }

  forecast(node: NodeTopology, vips: VipTopology[], timeoutMs: number): Promise<Forecast> {
    return forecastCalls(this.recovery, node, vips, timeoutMs);
  }
}
