/** Whether an exploration of all states went where it should: one that goes nowhere finds nothing. Pure. */

/** Edges that no single fault takes: of tables restored in mid-move, of an incarnation learned later, of a registration. */
const BEYOND_ONE_FAULT = new Set([
  'pause/new/registered-paused',
  'vip/held/incarnation-learned',
  'vip/moving/epoch-adopted',
  'vip/stuck/epoch-adopted',
  'vip/unassigned/epoch-adopted',
]);

/** Faults keep the function from some of the steps at which it should end. */
const ENDS_MET = 0.99;

export interface Explored {
  /** Cases in which the failover function was to end at a step, and in how many it did. */
  ends: { wanted: number; met: number };
  edgesMissed: readonly string[];
}

/** In words; empty where it did. */
export function whyTooLittle({ ends, edgesMissed }: Explored): string[] {
  const missed = edgesMissed.filter((id) => !BEYOND_ONE_FAULT.has(id));
  return [
    ...(missed.length === 0 ? [] : [`no case took ${missed.join(', ')}`]),
    ...(ends.met >= ends.wanted * ENDS_MET
      ? []
      : [`the failover function ended in ${ends.met} of the ${ends.wanted} cases that end it`]),
  ];
}
