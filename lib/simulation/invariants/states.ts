/** What must hold of the world in every instant, and of what happened in it. */
import type { NodeTopology, VipTopology } from '../../domain/model';
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
        // With a public address only one can be reached by it, whatever the others think of themselves until all rests.
        if (vip.elasticIp !== null) continue;
        const tooMany = tooManyAct(actingFor(world, vip), vip);
        if (tooMany !== null) return tooMany;
      }
      return null;
    },
  },
  {
    invariant: '3. rows are recovered only from a process that is dead, stopped or locked out, each leg once an epoch',
    broken: ({ nodeWorld }) => nodeWorld.nextWrongRecovery(),
  },
];

/** Of a world at rest: nothing is wrong, nothing under way, nothing paused. */
export const REST_INVARIANTS: readonly StateInvariant[] = [
  {
    invariant: '1. at rest exactly one node acts for a VIP, and its Elastic IP and its private name lead there',
    broken: (world) => {
      const { topology, truth } = world;
      for (const vip of topology?.vips ?? []) {
        const acting = actingFor(world, vip);
        const [one] = acting;
        if (topology === null || one === undefined) return `nobody acts for ${vip.id}`;
        const tooMany = tooManyAct(acting, vip);
        if (tooMany !== null) return tooMany;
        const named = vip.privateDns === null ? one : truth.namedNode(topology, vip);
        const astray = [truth.carrierOf(topology, vip), named].find((node) => node?.id !== one.id);
        if (astray !== undefined)
          return `${one.id} acts for ${vip.id}, and callers are led to ${astray?.id ?? 'nobody'}`;
      }
      return null;
    },
  },
];

function actingFor({ topology, truth }: World, vip: VipTopology): NodeTopology[] {
  return (topology?.nodes ?? []).filter((node) => truth.answers(node, vip.id));
}

function tooManyAct(acting: readonly NodeTopology[], vip: VipTopology): string | null {
  return acting.length > 1 ? `${acting.map(({ id }) => id).join(' and ')} both act for ${vip.id}` : null;
}

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
