/** NodeControl as the node-control function has it: orders over ESL and SIP, and those that need the database too. */
import { signedInAs } from '../domain/database-names';
import { describeError, DatabaseAway } from '../domain/errors';
import { assertNever, type NodeTopology, type VipTopology } from '../domain/model';
import { unreachedBy } from '../domain/node-control';
import type {
  AliveResult,
  CheckResult,
  Forecast,
  Inspection,
  LockedRole,
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

/** Whoever asked is to hear of it. */
const PROBE_SHARE = 0.6;
const LONGEST_PROBE_MS = 1_000;

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
    this.check = async (node, vip, timeoutMs, asksDatabase = false) => {
      const [result, answers] = await Promise.all([
        esl.check(node, vip, timeoutMs, asksDatabase),
        asksDatabase ? this.databaseAnswers(timeoutMs) : false,
      ]);
      // What answers nobody is the database's own trouble, which no other node is spared.
      return answers ? result : withoutWordOnDatabase(result);
    };
    this.demote = (...order) => esl.demote(...order);
    this.inspect = async (node, vips, timeoutMs) => {
      const [inspection, gap] = await Promise.all([
        esl.inspect(node, vips, timeoutMs),
        this.signedInOtherwise(node, timeoutMs),
      ]);
      return gap === null ? inspection : belowLevelTwo(inspection, gap);
    };
  }

  private async databaseAnswers(timeoutMs: number): Promise<boolean> {
    const evidence = await this.recovery.database?.probe(Math.min(timeoutMs * PROBE_SHARE, LONGEST_PROBE_MS));
    return evidence?.verdict === 'ok';
  }

  /** What is loaded says how it will sign in, the sessions say how it has. Null: as it should, or nobody can tell. */
  private async signedInOtherwise(node: NodeTopology, timeoutMs: number): Promise<string | null> {
    const { database } = this.recovery;
    const { databaseRole, managementAddress } = node;
    if (databaseRole === null || database?.sessionsFrom === undefined) return null;
    try {
      const found = (await database.sessionsFrom(managementAddress, timeoutMs)) ?? [];
      const others = found.filter(({ role, writes }) => writes && role !== databaseRole);
      return others.length === 0 ? null : signedInAs(others, managementAddress, databaseRole);
    } catch {
      // A database that is away is another page's matter; what ESL says of the node stands.
      return null;
    }
  }

  async lockRole(node: NodeTopology, timeoutMs: number): Promise<LockResult> {
    const { database } = this.recovery;
    const role = node.databaseRole;
    if (database === null || role === null) return { locked: false, away: false, reason: NO_DATABASE };
    try {
      const { sessionsEnded, otherSessions } = await database.lockRole(role, timeoutMs, node.managementAddress);
      const ended = `role ${role} may not log in, its ${sessionsEnded} sessions are ended`;
      return { locked: true, proof: `${ended}${othersInWords(otherSessions, node.managementAddress)}` };
    } catch (error) {
      const away = error instanceof DatabaseAway;
      return { locked: false, away, reason: describeError(error), ...unreachedBy(error) };
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
      return { unlocked: false, reason: describeError(error), ...unreachedBy(error) };
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

function othersInWords(others: LockedRole['otherSessions'], address: string): string {
  switch (others) {
    case 'none':
      return `, and nobody else at ${address} may write`;
    case 'unknown':
      return '; whether its node signs in as another role cannot be seen (pg_monitor)';
    case undefined:
      return '';
    default:
      return assertNever(others);
  }
}

function withoutWordOnDatabase(result: CheckResult): CheckResult {
  const { withoutDatabase: _, ...rest } = result;
  return rest;
}

/** A node whose sessions no lock reaches is not level 2, whatever its files say. */
function belowLevelTwo(inspection: Inspection, gap: string): Inspection {
  if (inspection.level === null || inspection.level < 2) {
    return { ...inspection, missing: [...inspection.missing, gap] };
  }
  return { ...inspection, level: 1, missing: [gap] };
}
