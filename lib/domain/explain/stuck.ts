/** A change of holder that is closed as stuck: what it is stuck at, and what ends that. Pure. */
import type { Topology, Transition, VipTopology } from '../model';
import { waitingSteps } from '../transition';

/** Nobody acknowledged it: only that changes its course, whatever is seen of any node. */
export function whatStuckWaitsFor(topology: Topology, vip: VipTopology, journal: Transition): string[] {
  return [
    ...stuckAt(topology, vip, journal).map((where) => `${journal.id} is stuck ${where}`),
    `nothing changes its course by itself, whatever dies: do what its page says, then \`acknowledge --vip ${vip.id}\``,
  ];
}

/** In words that follow `is stuck`; what waits for another step without having been tried says nothing. */
function stuckAt({ nodes }: Topology, { elasticIp }: VipTopology, journal: Transition): string[] {
  const { to, steps } = journal;
  if (!nodes.some(({ id }) => id === to.nodeId)) {
    return [`on its way to ${to.nodeId}, which the deployed topology does not have`];
  }
  const waiting = waitingSteps(journal, elasticIp !== null);
  const tried = waiting.filter((step) => steps[step].error !== null);
  const named = tried.length > 0 ? tried : waiting.slice(0, 1);
  return named.map((step) => `at step ${step}: ${steps[step].error ?? 'it never settled'}`);
}
