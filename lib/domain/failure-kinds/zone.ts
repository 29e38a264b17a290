/** Whether a whole zone is gone, as far as the other zones can tell. The same answer for every VIP of it. Pure. */
import type { ClusterSnapshot, Observation } from '../model';
import { quorumOf } from '../model';
import { sipAnswers, votersOn } from '../votes';

/**
 * No node of the zone answers a majority in any way, and the zone's own observer has no voice: one event, and not as
 * many as the zone has nodes. A refusal is an answer: its host lives, and so does the zone.
 */
export function isZoneSilent(snapshot: ClusterSnapshot, zone: string, nowMs: number): boolean {
  return !looksInto(snapshot, zone, nowMs).flat().some(isFrom(zone)) && isSilentOutside(snapshot, zone, nowMs);
}

/**
 * Its nodes fell as one, as far as the other zones can tell. What its own observer said last counts for `freshFor`,
 * longer than the others take to judge; and where it does see the nodes its zone is cut off, which is one event, too.
 * Where it gets no answer of one of them either, its zone lives and they fell one by one.
 */
export function isZoneUnreached(snapshot: ClusterSnapshot, zone: string, nowMs: number): boolean {
  const own = looksInto(snapshot, zone, nowMs).flat().filter(isFrom(zone));
  return !own.some(isWithoutAnswer) && isSilentOutside(snapshot, zone, nowMs);
}

/** No node of it answers a majority from other zones; one node that nobody watches from inside stands for no zone. */
function isSilentOutside(snapshot: ClusterSnapshot, zone: string, nowMs: number): boolean {
  const { observers } = snapshot.topology;
  const needed = quorumOf(observers.length);
  const seen = looksInto(snapshot, zone, nowMs).map((looks) => looks.filter((look) => !isFrom(zone)(look)));
  const watched = observers.includes(zone);
  if (seen.length === 0 || (!watched && seen.length < 2)) return false;
  return seen.every((looks) => looks.length >= needed && looks.every(isWithoutAnswer));
}

/** At each node of the zone, by those who have a vote. */
function looksInto({ topology, observations }: ClusterSnapshot, zone: string, nowMs: number): Observation[][] {
  return topology.nodes
    .filter((node) => node.zone === zone)
    .map(({ id }) =>
      votersOn(topology, observations, id, nowMs, topology.policy.freshForMs).map(({ observation }) => observation),
    );
}

const isFrom =
  (zone: string) =>
  (look: Observation): boolean =>
    look.zone === zone;

function isWithoutAnswer({ esl, sip }: Observation): boolean {
  const refuses = Object.values(sip).some((each) => each.verdict === 'refused');
  return esl.verdict === 'silent' && !refuses && !Object.values(sip).some(sipAnswers);
}
