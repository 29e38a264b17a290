/** Every AWS call of a failover, and which faults a test injects into each. */
import type { FaultEffect } from '../../../local/emulator/faults';
import { wordsOf, type Call } from './call-book';

interface TransitionCall extends Call {
  /** Made in some failovers only; the reason. */
  sometimes?: string;
}

const call = (actor: Call['actor'], service: string, action: string, sometimes?: string): TransitionCall => ({
  actor,
  service,
  action,
  ...(sometimes === undefined ? {} : { sometimes }),
});

/** A test compares this list with what a real failover calls, so that a new call cannot be forgotten. */
export const TRANSITION_CALLS: readonly TransitionCall[] = [
  call('observer', 'dynamodb', 'PutItem'),
  call('observer', 'dynamodb', 'Query'),
  call('observer', 'dynamodb', 'TransactWriteItems'),
  call('observer', 'dynamodb', 'GetItem'),
  call('failover', 'dynamodb', 'GetItem'),
  call('failover', 'dynamodb', 'Query'),
  call('failover', 'dynamodb', 'UpdateItem'),
  call('failover', 'dynamodb', 'TransactWriteItems'),
  call('failover', 'ec2', 'DescribeAddresses'),
  call('failover', 'ec2', 'DisassociateAddress'),
  call('failover', 'ec2', 'AssociateAddress'),
  call('failover', 'ec2', 'CreateTags'),
  call('failover', 'ec2', 'DescribeInstances'),
  call('failover', 'ec2', 'StopInstances'),
  call('failover', 'route53', 'ListResourceRecordSets'),
  call('failover', 'route53', 'ChangeResourceRecordSets'),
  call('failover', 'lambda', 'Invoke'),
  call('failover', 'sns', 'Publish'),
];

/** Calls that go on beside a failover and are no part of it. */
export const BESIDE: readonly string[] = [
  // The schedule's tidying of incidents.
  'failover dynamodb:DeleteItem',
];

export interface FaultCase {
  title: string;
  call: Call;
  /** On the first such call, the second, ... */
  effects: readonly FaultEffect[];
}

const caseOf = (made: Call, ...effects: FaultEffect[]): FaultCase => ({
  title: `${wordsOf(made)}: ${effects.join(', then ')}`,
  call: made,
  effects,
});

const EFFECTS: readonly FaultEffect[] = ['throttle', 'refuse', 'time-out', 'lost-answer', 'server-error'];

/** What changes the world: here silence is worse than for a read. */
const MUTATIONS = [
  'TransactWriteItems',
  'DisassociateAddress',
  'AssociateAddress',
  'ChangeResourceRecordSets',
  'Invoke',
];

/**
 * In everyday runs each call is throttled and then applied without an answer, in one failover, and each mutation meets
 * a server error and silence in another. `UNDERSTUDY_E2E=full` takes every call with every effect by itself.
 */
export function faultCases(full: boolean): FaultCase[] {
  if (full) return TRANSITION_CALLS.flatMap((made) => EFFECTS.map((effect) => caseOf(made, effect)));
  const mutations = TRANSITION_CALLS.filter((made) => made.actor === 'failover' && MUTATIONS.includes(made.action));
  return [
    ...TRANSITION_CALLS.map((made) => caseOf(made, 'throttle', 'lost-answer')),
    ...mutations.map((made) => caseOf(made, 'server-error', 'time-out')),
  ];
}
