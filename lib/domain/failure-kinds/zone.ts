/** Whether a whole zone is gone, as far as the other zones can tell. The same answer for every VIP of it. Pure. */
import type { ClusterSnapshot, Observation } from '../model';
import { quorumOf } from '../model';
import { sipAnswers, votersOn } from '../votes';

/**
 * No node of the zone answers a majority in any way, and the zone's own observer has no voice: one event, and not as
 * many as the zone has nodes. A refusal is an answer: its host lives, and so does the zone.
 */
export function isZoneSilent(snapshot: ClusterSnapshot, zone: string, nowMs: number): boolean {
  const { topology, observations } = snapshot;
  const needed = quorumOf(topology.observers.length);
  const nodes = topology.nodes.filter((node) => node.zone === zone);
  const seen = nodes.map((node) =>
    votersOn(topology, observations, node.id, nowMs, topology.policy.freshForMs).map(({ observation }) => observation),
  );
  const ownObserverSpeaks = seen.flat().some((each) => each.zone === zone);
  const watched = topology.observers.includes(zone);
  if (nodes.length === 0 || ownObserverSpeaks || (!watched && nodes.length < 2)) return false;
  return seen.every((looks) => looks.length >= needed && looks.every(isWithoutAnswer));
}

function isWithoutAnswer({ esl, sip }: Observation): boolean {
  const refuses = Object.values(sip).some((each) => each.verdict === 'refused');
  return esl.verdict === 'silent' && !refuses && !Object.values(sip).some(sipAnswers);
}
