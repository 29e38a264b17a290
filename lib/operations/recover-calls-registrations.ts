/** The registrations of a VIP, handed to its new holder: after its calls, or alone. */
import { describeError } from '../domain/errors';
import type { NodeTopology, VipTopology } from '../domain/model';
import type { CallDatabase, RecoverResult, RecoveryOrder } from '../domain/ports';

type Recovered = Extract<RecoverResult, { recovered: true }>;

/** Nobody's calls are recovered (the VIP was drained, or its old holder is not known): no row of a call is touched. */
export async function registrationsAlone(
  database: CallDatabase,
  node: NodeTopology,
  vip: VipTopology,
  order: RecoveryOrder,
  timeoutMs: number,
): Promise<Recovered> {
  const counts = await takeOver(database, node, vip, order, timeoutMs);
  return {
    recovered: true,
    before: { calls: 0, legs: 0 },
    connectionOriented: 0,
    movedAside: 0,
    stayed: null,
    ownSessions: null,
    notes: [],
    proof: counts ?? 'registrations: there was nothing to take over',
  };
}

/** Never throws: phones come back without it, and a failure is told and keeps no call from being saved. */
export async function registrationNotes(
  database: CallDatabase,
  node: NodeTopology,
  vip: VipTopology,
  order: RecoveryOrder,
  timeoutMs: number,
): Promise<string[]> {
  try {
    const counts = await takeOver(database, node, vip, order, timeoutMs);
    return counts === null ? [] : [counts];
  } catch (error) {
    return [`registrations were not taken over: ${describeError(error)}`];
  }
}

/** In words; null where there were none. */
async function takeOver(
  database: CallDatabase,
  node: NodeTopology,
  vip: VipTopology,
  order: RecoveryOrder,
  timeoutMs: number,
): Promise<string | null> {
  // Where the same node goes on, its own bindings over connections died with its old process.
  const fromNodeIds = order.deadNodeIds.length === 0 ? [node.id] : order.deadNodeIds;
  const change = { profiles: vip.profiles, fromNodeIds, toNodeId: node.id };
  const { moved, deletedConnections, deletedExpired } = await database.takeOverRegistrations(change, timeoutMs);
  if (moved + deletedConnections + deletedExpired === 0) return null;
  return `registrations: ${moved} taken over, ${deletedConnections} deleted with their connection, ${deletedExpired} had run out`;
}
