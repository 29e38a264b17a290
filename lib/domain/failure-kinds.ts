/**
 * What kind of failure it is, from independent evidence, and the most that it justifies. Whether anything is done, and
 * when, is decided by `decide.ts`: this says why, and a test shows that the decision never goes further. Pure.
 */
import {
  FAILURE_CASES,
  LASTING_SUSPICION,
  type FailureCaseName,
  type FailureKind,
  type Justification,
} from './failure-kinds/cases';
import { gatherEvidence, nameGray, type Evidence } from './failure-kinds/evidence';
import { gatherFacts, type Facts } from './failure-kinds/facts';
import { SIGNS } from './failure-kinds/signs';
import type { ClusterSnapshot, VipState, VipTopology } from './model';

export {
  FAILURE_CASES,
  justifiesAtLeast,
  type FailureCase,
  type FailureCaseName,
  type FailureKind,
  type Justification,
} from './failure-kinds/cases';
export type { Evidence, Weight } from './failure-kinds/evidence';

export interface Classification {
  kind: FailureKind;
  /** Which case of the kind; null while the VIP has no holder. */
  case: FailureCaseName | null;
  /** The gray failure by its name: signals or observers contradict each other. null where they agree. */
  gray: string | null;
  evidence: Evidence[];
  /** A majority of the configured observers shows it, over the thresholds. */
  conclusive: boolean;
  /** The most that it justifies; policy, pause, block and missing candidates may leave less. */
  justifies: Justification;
  why: string[];
}

const NO_HOLDER: Classification = {
  kind: 'none',
  case: null,
  gray: null,
  evidence: [],
  conclusive: false,
  justifies: 'nothing',
  why: ['it has no holder that could fail'],
};

export function classify(snapshot: ClusterSnapshot, vip: VipTopology, state: VipState, nowMs: number): Classification {
  if (state.holder === null) return NO_HOLDER;
  const facts = gatherFacts(snapshot, vip, state, state.holder, nowMs);
  const shown = SIGNS.find((sign) => sign.isShown(facts));
  const name = (shown ?? SIGNS.find((sign) => sign.isSuspected(facts)))?.name ?? 'unclear';
  const { kind, says, conclusive, suspected } = FAILURE_CASES[name];
  return {
    kind,
    case: name,
    gray: nameGray(facts),
    evidence: gatherEvidence(snapshot, facts, nowMs),
    conclusive: shown !== undefined,
    justifies: shown === undefined ? suspicionJustifies(facts, suspected) : conclusive,
    why: [`${facts.holder.nodeId} ${says}`, ...whyNotYet(facts, shown !== undefined)],
  };
}

/** No suspicion justifies more than a lasting one does: a test holds the table to that. */
function suspicionJustifies({ isGrayForLong }: Facts, suspected: Justification): Justification {
  return isGrayForLong ? LASTING_SUSPICION : suspected;
}

function whyNotYet({ verdict, needed }: Facts, conclusive: boolean): string[] {
  if (conclusive) return [];
  const open = verdict.kind === 'undecided' ? verdict.why : [];
  return [`not conclusive: it takes ${needed} observers that agree`, ...open];
}

/** One failure of the cluster: a dead zone is one, however many VIPs it held. */
export interface FailureEvent {
  kind: Exclude<FailureKind, 'none'>;
  /** The zone of a zone failure; null for all others. */
  zone: string | null;
  vipIds: string[];
  conclusive: boolean;
  justifies: Justification;
  why: string[];
}

export interface ClusterClassification {
  /** By VIP id. */
  vips: Record<string, Classification>;
  events: FailureEvent[];
}

export function classifyCluster(snapshot: ClusterSnapshot, nowMs: number): ClusterClassification {
  const found = snapshot.topology.vips.flatMap((vip) => {
    const state = snapshot.vips.find((each) => each.vipId === vip.id);
    if (state === undefined) return [];
    const zone = snapshot.topology.nodes.find((node) => node.id === state.holder?.nodeId)?.zone ?? null;
    return [{ vipId: vip.id, zone, classification: classify(snapshot, vip, state, nowMs) }];
  });
  const isOfZone = ({ classification }: Found): boolean => classification.kind === 'zone';
  const zones = [...new Set(found.filter(isOfZone).map(({ zone }) => zone))];
  return {
    vips: Object.fromEntries(found.map(({ vipId, classification }) => [vipId, classification])),
    events: [
      ...zones.flatMap((zone) => eventOf(found.filter((each) => isOfZone(each) && each.zone === zone))),
      ...found.filter((each) => !isOfZone(each)).flatMap((each) => eventOf([each])),
    ],
  };
}

interface Found {
  vipId: string;
  /** Of its holder. */
  zone: string | null;
  classification: Classification;
}

/** What is shown for one of them is shown for all. */
function eventOf(struck: readonly Found[]): FailureEvent[] {
  const telling = struck.find(({ classification }) => classification.conclusive) ?? struck[0];
  if (telling === undefined) return [];
  const { kind, conclusive, justifies, why } = telling.classification;
  if (kind === 'none') return [];
  const zone = kind === 'zone' ? telling.zone : null;
  return [{ kind, zone, vipIds: struck.map(({ vipId }) => vipId), conclusive, justifies, why }];
}
