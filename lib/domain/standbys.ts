/** Who could take a VIP over, told apart: by itself, or only where an operator says so. Pure. */
import type { Candidate, FitCandidate } from './candidate';

export interface Standbys {
  /** Fit, and the control plane may take them. */
  byItself: string[];
  /** Fit, and no failover goes there (`manualOnly`). */
  byHandOnly: string[];
}

export function standbysAmong(candidates: readonly Candidate[]): Standbys {
  const fit = candidates.filter((each): each is FitCandidate => each.eligible);
  const named = (manualOnly: boolean): string[] =>
    fit.filter((each) => each.manualOnly === manualOnly).map(({ nodeId }) => nodeId);
  return { byItself: named(false), byHandOnly: named(true) };
}

export function standbysInWords({ byItself, byHandOnly }: Standbys): string {
  if (byHandOnly.length === 0) return byItself.join(', ') || 'NONE';
  return [byItself.join(', ') || 'NONE by itself', ...byHandOnly.map((nodeId) => `${nodeId} (by hand only)`)].join(
    ', ',
  );
}
