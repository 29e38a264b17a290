/** What a recovery on a node would find and change, as node-control looks it up; never throws, and changes nothing. */
import { describeError } from '../domain/errors';
import type { NodeTopology, VipTopology } from '../domain/model';
import { unreachedBy } from '../domain/node-control';
import type { PreviewResult, RecoveryOrder } from '../domain/ports';
import { rewritingFor, unfitness, type RecoveryDeps } from './recover-calls';

export async function previewCalls(
  { switches, database, clock }: RecoveryDeps,
  node: NodeTopology,
  vip: VipTopology,
  order: RecoveryOrder,
  timeoutMs: number,
): Promise<PreviewResult> {
  if (database === null) return { known: false, reason: 'this function was given no database' };
  const startedMs = clock.monotonicMs();
  const leftMs = (): number => Math.max(1, timeoutMs - (clock.monotonicMs() - startedMs));
  try {
    const state = await switches.state(node, leftMs());
    const { deadCoreUuids } = order;
    const rewriting = rewritingFor(node, vip);
    const rows = await database.previewRecovery(
      { deadCoreUuids, profiles: vip.profiles, ownCoreUuid: state.coreUuid, ...rewriting },
      leftMs(),
    );
    const way = vip.serviceAddress === null ? 'B' : 'A';
    const itself = deadCoreUuids.includes(state.coreUuid);
    const obstacle = itself ? `${state.coreUuid} runs there: its calls never left it` : unfitness(state, order);
    return { known: true, way, ownCoreUuid: state.coreUuid, obstacle, ...rows };
  } catch (error) {
    return { known: false, reason: describeError(error), ...unreachedBy(error) };
  }
}
