/** By which signs a case is known: one line for each, most telling first. Pure. */
import { isPaused } from '../maintenance';
import type { FailureCaseName } from './cases';
import { dissenters, majoritySees, someSee, zonesSeeing, type Facts } from './facts';
import { ANSWERING, UNANSWERED } from './sight';

interface Sign {
  name: FailureCaseName;
  /** A majority shows it, over the thresholds: the same count of votes that decides. */
  isShown(facts: Facts): boolean;
  /** Some see it, or not for long enough. */
  isSuspected(facts: Facts): boolean;
}

const isAgainst = ({ verdict }: Facts): boolean => verdict.kind === 'against';
const isDead = ({ verdict }: Facts): boolean => verdict.kind === 'against' && verdict.cause !== 'sip-stuck';
const isStuck = ({ verdict }: Facts): boolean => verdict.kind === 'against' && verdict.cause === 'sip-stuck';
const isDownSaysEc2 = ({ notRunning }: Facts): boolean => notRunning !== null;

/** A single miss of the event socket is no loss of it. */
const majorityLostEsl = (facts: Facts): boolean => {
  const zones = zonesSeeing(facts, ['esl-silent', 'esl-refused']);
  return facts.views.filter((view) => zones.includes(view.zone) && view.missedEslOften).length >= facts.needed;
};
const never = (): boolean => false;

/** Order matters: the first that is shown names the failure, and where none is, the first that is suspected. */
export const SIGNS: readonly Sign[] = [
  {
    name: 'unwatched',
    isShown: ({ verdict, isUnwatchedForLong }) => verdict.kind === 'no-quorum' && isUnwatchedForLong,
    isSuspected: ({ verdict }) => verdict.kind === 'no-quorum',
  },
  { name: 'zone-gone', isShown: (f) => isAgainst(f) && f.zoneIsSilent, isSuspected: (f) => f.zoneIsSilent },
  {
    name: 'host-down',
    isShown: (f) => isDead(f) && isDownSaysEc2(f),
    isSuspected: (f) => isDownSaysEc2(f) && someSee(f, ...UNANSWERED),
  },
  {
    name: 'partition',
    isShown: (f) => isDead(f) && !someSee(f, 'process-gone') && dissenters(f).length > 0,
    isSuspected: (f) => dissenters(f).length > 0,
  },
  {
    name: 'process-gone',
    isShown: (f) => isDead(f) && someSee(f, 'process-gone'),
    isSuspected: (f) => someSee(f, 'process-gone'),
  },
  { name: 'silent', isShown: isDead, isSuspected: (f) => someSee(f, 'silent') },
  {
    name: 'database-hangs',
    isShown: (f) => isStuck(f) && f.databaseIsToBlame,
    isSuspected: (f) => someSee(f, 'sip-silent') && f.databaseIsTroubled,
  },
  { name: 'sip-stuck', isShown: isStuck, isSuspected: (f) => someSee(f, 'sip-silent') },
  {
    name: 'restarted',
    isShown: ({ verdict }) => verdict.kind === 'restarted',
    isSuspected: (f) => someSee(f, 'restarted'),
  },
  {
    name: 'drained',
    isShown: (f) => isPaused(f.state, f.nowMs) && majoritySees(f, 'in-standby'),
    isSuspected: (f) => isPaused(f.state, f.nowMs) && someSee(f, 'in-standby'),
  },
  {
    name: 'fallen-into-standby',
    isShown: ({ state, verdict }) => state.status === 'held' && verdict.kind === 'in-standby',
    isSuspected: (f) => f.state.status === 'held' && someSee(f, 'in-standby'),
  },
  {
    name: 'rejecting',
    isShown: ({ verdict }) => verdict.kind === 'misconfigured',
    isSuspected: (f) => someSee(f, 'rejecting'),
  },
  {
    name: 'host-going',
    isShown: (f) => isDownSaysEc2(f) && majoritySees(f, ...ANSWERING),
    isSuspected: isDownSaysEc2,
  },
  {
    name: 'esl-lost',
    isShown: majorityLostEsl,
    isSuspected: (f) => someSee(f, 'esl-silent', 'esl-refused'),
  },
  { name: 'stopping', isShown: (f) => majoritySees(f, 'stopping'), isSuspected: (f) => someSee(f, 'stopping') },
  { name: 'paused', isShown: (f) => majoritySees(f, 'paused'), isSuspected: (f) => someSee(f, 'paused') },
  { name: 'lossy', isShown: (f) => f.isLossy, isSuspected: never },
  { name: 'full', isShown: (f) => f.isFull, isSuspected: (f) => someSee(f, 'full') },
  { name: 'serving', isShown: ({ verdict }) => verdict.kind === 'serving', isSuspected: (f) => someSee(f, 'serving') },
  { name: 'unclear', isShown: never, isSuspected: () => true },
];
