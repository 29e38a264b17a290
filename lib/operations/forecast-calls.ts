/** What a switchover of a node would meet: its calls by rows and by sessions. As node-control asks it; never throws. */
import { describeError } from '../domain/errors';
import type { NodeTopology, VipTopology } from '../domain/model';
import { unreachedBy } from '../domain/node-control';
import type { Forecast } from '../domain/ports';
import type { RecoveryDeps } from './recover-calls';

export async function forecastCalls(
  { switches, database, clock }: RecoveryDeps,
  node: NodeTopology,
  vips: readonly VipTopology[],
  timeoutMs: number,
): Promise<Forecast> {
  const startedMs = clock.monotonicMs();
  const leftMs = (): number => Math.max(1, timeoutMs - (clock.monotonicMs() - startedMs));
  const nothing: Forecast = { nodeId: node.id, sessions: null, vips: [], unanswered: null, unknown: [] };
  let state;
  try {
    state = await switches.state(node, leftMs());
  } catch (error) {
    return { ...nothing, unknown: [`sessions of ${node.id}: ${describeError(error)}`], ...unreachedBy(error) };
  }
  const { sessions, coreUuid } = state;
  if (database === null) {
    return { ...nothing, sessions, unknown: ['the cluster has no database: every call is lost in a switchover'] };
  }
  try {
    const counts = await Promise.all(vips.map((vip) => database.countCalls(vip.profiles, coreUuid, leftMs())));
    const legs = counts.reduce((sum, each) => sum + each.legs, 0);
    return {
      ...nothing,
      sessions,
      vips: vips.map((vip, index) => ({
        vipId: vip.id,
        calls: counts[index]?.calls ?? 0,
        connectionOriented: counts[index]?.connectionOriented ?? 0,
      })),
      unanswered: sessions === null ? null : Math.max(0, sessions - legs),
    };
  } catch (error) {
    return { ...nothing, sessions, unknown: [`rows: ${describeError(error)}`], ...unreachedBy(error) };
  }
}
