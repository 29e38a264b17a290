/**
 * How far the clocks of nodes are apart, by what the observers read. A rebuilt leg takes its CSeq from the clock, and its
 * peer refuses one that goes back (FACTS 7.5): what counts is the clock of the node that the calls were lost on. Pure.
 */
import { quorumOf, type Observation, type Topology } from './model';

/** What a majority of the configured observers finds of a candidate's clock; 0: not too far behind. */
export interface ClockLag {
  /** Behind the old holder's clock and behind the observers' too: the candidate's own fault. */
  ownMs: number;
  /** Behind the old holder's clock, whoever's fault it is. */
  behindHolderMs: number;
}

/**
 * Each observer compares two readings of its own, so that its own clock does not matter; where it never read the old
 * holder's, that one counts as right. One that was not told the candidate's says nothing: no older FreeSWITCH loses its
 * fitness by that.
 *
 * @param looks at the candidate, by observers with a vote
 * @param holderId null: nobody held it before
 */
export function clockLag(
  { observers, policy }: Topology,
  looks: readonly Observation[],
  observations: readonly Observation[],
  holderId: string | null,
): ClockLag {
  const aheadOf = (zone: string): number =>
    observations.find((each) => each.nodeId === holderId && each.zone === zone)?.lastClockOffsetMs ?? 0;
  const lagBehind = (reference: (zone: string) => number): number => {
    const lags = looks.flatMap(({ zone, esl }) =>
      esl.clockOffsetMs === null ? [] : [reference(zone) - esl.clockOffsetMs],
    );
    const tooFar = lags.filter((lagMs) => lagMs > policy.maxClockBehindMs);
    return tooFar.length >= quorumOf(observers.length) ? Math.round(Math.min(...tooFar)) : 0;
  };
  return { ownMs: lagBehind((zone) => Math.min(0, aheadOf(zone))), behindHolderMs: lagBehind(aheadOf) };
}

/** The middle one of what the observers last read: one of them with a wrong clock of its own moves it no further. */
export function lastKnownClockOffsetMs(observations: readonly Observation[], nodeId: string): number | null {
  const offsets = observations
    .filter((each) => each.nodeId === nodeId)
    .flatMap(({ lastClockOffsetMs }) => (lastClockOffsetMs === null ? [] : [lastClockOffsetMs]))
    .sort((one, other) => one - other);
  return offsets[Math.floor(offsets.length / 2)] ?? null;
}
