/** What must hold of the world in every instant, and of what happened in it. */
import type { World } from '../world/world';

export interface StateInvariant {
  invariant: string;
  broken: (world: World) => string | null;
}

export const STATE_INVARIANTS: readonly StateInvariant[] = [
  {
    invariant: '1. at most one unfenced node acts for a VIP',
    broken: (world) => {
      for (const vip of world.topology?.vips ?? []) {
        // With a public address only one can be reached, whatever the others think of themselves.
        if (vip.elasticIp !== null) continue;
        const acting = (world.topology?.nodes ?? []).filter(
          (node) => world.truth.acts(node, vip.id) && world.network.callersReach(node),
        );
        if (acting.length > 1) return `${acting.map(({ id }) => id).join(' and ')} both act for ${vip.id}`;
      }
      return null;
    },
  },
  {
    invariant: '3. rows are recovered only from a process that is dead, stopped or locked out, each leg once an epoch',
    broken: ({ nodeWorld }) => nodeWorld.nextWrongRecovery(),
  },
];

/** Of the table, after each of its changes. */
export const TABLE_INVARIANTS: readonly StateInvariant[] = [
  {
    invariant: '8. transitions in flight are counted up and down',
    broken: ({ table }) => {
      const open = [...table.transitions.values()].filter(({ status }) => status === 'open').length;
      const counted = table.control?.transitionsInFlight ?? 0;
      return open === counted ? null : `${open} are open, ${counted} are counted`;
    },
  },
  {
    invariant: '8. no more changes of holder at once than maxTransitionsInFlight',
    broken: ({ table, topology }) => {
      const open = [...table.transitions.values()].filter(({ status }) => status === 'open').length;
      const most = topology?.policy.maxTransitionsInFlight ?? Number.POSITIVE_INFINITY;
      return open <= most ? null : `${open} are open, and ${most} are allowed`;
    },
  },
  {
    invariant: '1. a VIP is claimed on the node that holds it',
    broken: ({ table }) => {
      for (const { vipId, holder, status } of table.vips.values()) {
        if (holder === null || status === 'unassigned') continue;
        const claims = table.nodes.get(holder.nodeId)?.claims ?? [];
        if (!claims.includes(vipId)) return `${holder.nodeId} holds ${vipId} without a claim`;
      }
      return null;
    },
  },
];
