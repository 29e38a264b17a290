/** What a planned move asks before it begins: could the node where it goes serve, and does the one that it leaves. */
import { quorumOf, type SipEvidence } from '../../domain/model';
import type { ProcessLook, StateStore } from '../../domain/ports';
import { votersOn } from '../../domain/votes';

/** By whom callers are served, if only those that it has. */
const ANSWERED: ReadonlySet<SipEvidence['verdict'] | undefined> = new Set(['ok', 'busy']);

/**
 * Another process than the chosen one is for the judgement to see, which sends the VIP elsewhere or chooses it anew.
 * @param chosen null: whichever runs
 */
export function whyNotThere({ coreUuid, unfit }: ProcessLook, chosen: string | null): string | null {
  // The function is of the version before, which says nothing of the process.
  if (unfit === undefined) return null;
  if (unfit !== null) return unfit;
  return chosen === null || coreUuid === chosen ? null : `it runs ${coreUuid}, and ${chosen} was chosen`;
}

/** Unless a majority of the configured observers says otherwise. Throws what the store throws. */
export async function mayServe(
  store: Pick<StateStore, 'readCluster'>,
  nodeId: string,
  vipId: string,
  nowMs: number,
): Promise<boolean> {
  const { topology, observations } = await store.readCluster();
  const voters = votersOn(topology, observations, nodeId, nowMs, topology.policy.freshForMs);
  const gone = voters.filter(({ observation }) => !ANSWERED.has(observation.sip[vipId]?.verdict));
  return gone.length < quorumOf(topology.observers.length);
}
