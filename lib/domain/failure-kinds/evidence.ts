/** The evidence of a classification, piece by piece: who says what, and whether it speaks against the holder. Pure. */
import { rankCandidates } from '../candidates';
import type { ClusterSnapshot } from '../model';
import { dissenters, majoritySees, type Facts, type View } from './facts';
import { ANSWERING, UNANSWERED } from './sight';

/** Relative to the holder: `for` speaks for its being alive and serving. */
export type Weight = 'against' | 'for' | 'nothing';

export interface Evidence {
  source: 'esl' | 'sip' | 'ec2' | 'observer' | 'database' | 'standby';
  /** Of the observer who says it; null where none does. */
  zone: string | null;
  says: string;
  weighs: Weight;
}

const ESL_WEIGHS = {
  ok: 'for',
  paused: 'for',
  stopping: 'nothing',
  refused: 'against',
  silent: 'against',
  malformed: 'against',
  rejected: 'for',
} as const satisfies Record<string, Weight>;

const SIP_WEIGHS = {
  ok: 'for',
  busy: 'for',
  standby: 'against',
  refused: 'against',
  silent: 'against',
  malformed: 'nothing',
} as const satisfies Record<string, Weight>;

export function gatherEvidence(snapshot: ClusterSnapshot, facts: Facts, nowMs: number): Evidence[] {
  return [
    ...facts.views.flatMap((view) => fromObserver(facts, view)),
    ...fromEc2(snapshot, facts, nowMs),
    ...fromStandby(snapshot, facts, nowMs),
  ];
}

function fromObserver(facts: Facts, view: View): Evidence[] {
  const { zone, observation, voiceless } = view;
  const silenced: Evidence[] =
    voiceless === null ? [] : [{ source: 'observer', zone, says: `no vote: ${voiceless}`, weighs: 'nothing' }];
  if (observation === null) return silenced;
  const heard = (weighs: Weight): Weight => (voiceless === null ? weighs : 'nothing');
  const { esl, eslMisses } = observation;
  const sip = observation.sip[facts.vip.id];
  const sipMisses = observation.sipMisses[facts.vip.id] ?? 0;
  return [
    { source: 'esl', zone, says: withMisses(esl, eslMisses), weighs: heard(ESL_WEIGHS[esl.verdict]) },
    ...(sip === undefined
      ? []
      : [{ source: 'sip' as const, zone, says: withMisses(sip, sipMisses), weighs: heard(SIP_WEIGHS[sip.verdict]) }]),
    ...silenced,
    ...fromDatabase(view, heard),
  ];
}

function withMisses({ verdict, detail }: { verdict: string; detail: string }, misses: number): string {
  const said = detail === '' || detail === verdict ? verdict : `${verdict}: ${detail}`;
  return misses === 0 ? said : `${said} (${misses} in a row)`;
}

/** A database that hangs is an excuse for silence on SIP, and for nothing else. */
function fromDatabase({ zone, observation, sight }: View, heard: (weighs: Weight) => Weight): Evidence[] {
  const database = observation?.database ?? null;
  if (database === null) return [];
  const { verdict, detail } = database;
  const excuses = verdict !== 'ok' && sight === 'sip-silent';
  return [{ source: 'database', zone, says: `${verdict}: ${detail}`, weighs: heard(excuses ? 'for' : 'nothing') }];
}

/** "running" says nothing: a host or a zone that dies leaves its instances in that state. */
function fromEc2({ instances }: ClusterSnapshot, { holder, notRunning }: Facts, nowMs: number): Evidence[] {
  const told = instances.find((each) => each.nodeId === holder.nodeId);
  if (told === undefined) return [];
  const says = `${told.state}, told ${Math.round((nowMs - told.atMs) / 1000)} s ago`;
  return [{ source: 'ec2', zone: null, says, weighs: notRunning === null ? 'nothing' : 'against' }];
}

/**
 * The standby's own view: what the observer beside it sees of the holder, and whether the standby itself is seen. Where
 * the same observers reach it and not the holder, the fault is not in the network between.
 */
function fromStandby(snapshot: ClusterSnapshot, facts: Facts, nowMs: number): Evidence[] {
  const candidates = rankCandidates(snapshot, facts.vip, facts.holder.nodeId, nowMs);
  const standby = candidates.find((each) => each.eligible) ?? candidates[0];
  if (standby === undefined) return [];
  const zone = snapshot.topology.nodes.find((node) => node.id === standby.nodeId)?.zone ?? null;
  const beside = facts.views.find((view) => view.zone === zone);
  const holderIsUnanswered = majoritySees(facts, ...UNANSWERED);
  const own: Evidence = standby.eligible
    ? {
        source: 'standby',
        zone: null,
        says: `${standby.nodeId} is seen fit by the same observers`,
        weighs: holderIsUnanswered ? 'against' : 'nothing',
      }
    : { source: 'standby', zone: null, says: `${standby.nodeId} is not fit: ${standby.why}`, weighs: 'nothing' };
  if (beside === undefined) return [own];
  return [
    {
      source: 'standby',
      zone,
      says: `the observer beside ${standby.nodeId} ${besideSays(beside, facts.holder.nodeId)}`,
      weighs: besideWeighs(beside),
    },
    own,
  ];
}

function besideSays({ voiceless, sight }: View, holderId: string): string {
  if (voiceless !== null || sight === null) return `has no vote on ${holderId}`;
  if (UNANSWERED.includes(sight)) return `gets no answer from ${holderId} either (${sight})`;
  return `gets an answer from ${holderId} (${sight})`;
}

function besideWeighs({ voiceless, sight }: View): Weight {
  if (voiceless !== null || sight === null) return 'nothing';
  if (UNANSWERED.includes(sight)) return 'against';
  return ANSWERING.includes(sight) ? 'for' : 'nothing';
}

/** A gray failure, named: signals or observers that contradict each other. null where they agree. */
export function nameGray(facts: Facts): string | null {
  const names = [...grayBySignals(facts), ...grayByObservers(facts)];
  return names.length === 0 ? null : names.join('; ');
}

function grayBySignals(facts: Facts): string[] {
  if (majoritySees(facts, 'sip-silent')) return ['ESL well and SIP stuck'];
  if (majoritySees(facts, 'esl-silent')) return ['SIP well and ESL silent'];
  if (majoritySees(facts, 'esl-refused')) return ['SIP well and ESL refused'];
  return [];
}

function grayByObservers(facts: Facts): string[] {
  const zones = dissenters(facts);
  if (zones.length === 0) return [];
  const wellHere = zones.every((zone) => !isUnanswered(facts, zone));
  if (wellHere && zones.every((zone) => facts.standbyZones.includes(zone))) {
    return [`seen well by the standby's zone only (${zones.join(', ')})`];
  }
  return [zones.length === 1 ? `observer ${zones[0] ?? ''} dissents` : `observers ${zones.join(' and ')} dissent`];
}

function isUnanswered({ views }: Facts, zone: string): boolean {
  const sight = views.find((view) => view.zone === zone)?.sight ?? null;
  return sight !== null && UNANSWERED.includes(sight);
}
