/** What is cut off from one zone is ordered from another: a change of holder, and its calls, do not wait for that zone. */
import type { Fault } from '../../lib/simulation/faults/fault';
import { useLightAbort } from '../../lib/simulation/kernel/light-abort';
import { runCluster } from '../../lib/simulation/run';
import { PAIR } from '../../lib/simulation/scenario';
import { MINUTE_MS, pair } from './scenarios';

beforeAll(useLightAbort);

/** Longer than a patience of any kind: calls are given up after two minutes. */
const FOR_MS = 9 * MINUTE_MS;
const [OWN_OF_1, OWN_OF_2] = ['us-east-1a', 'us-east-1b'];
const DIES: Fault = { kind: 'no-restart', nodeId: 'fs-1', forMs: FOR_MS };
const STICKS: Fault = { kind: 'sip-stuck', nodeId: 'fs-1', forMs: FOR_MS };
const MOVES: Fault = { kind: 'switchover', vipId: 'vip-1' };

const cutOff = (zone: string, nodeId: string): Fault => ({ kind: 'path-cut', zone, nodeId, forMs: FOR_MS });
const unanswered = (zone: string, nodeId: string): Fault => ({
  kind: 'one-way',
  zone,
  nodeId,
  lost: 'back',
  forMs: FOR_MS,
});
const slow = (zone: string, nodeId: string): Fault => ({ kind: 'delay', zone, nodeId, byMs: 900, forMs: FOR_MS });

const during = (long: Fault, then: Fault, elasticIps = true) =>
  runCluster(pair({ durationMs: 30 * MINUTE_MS, shape: { ...PAIR, elasticIps } }), {
    faults: [
      { atMs: 60_000, fault: long },
      { atMs: 70_000, fault: then },
    ],
    untilRest: true,
  });

describe('while one zone gets no answer of a node', () => {
  it.each<[string, Fault, Fault, number]>([
    ['a holder that dies is taken over by one that its own zone does not reach', cutOff(OWN_OF_2, 'fs-2'), DIES, 8_000],
    ['so it is where only answers are lost', unanswered(OWN_OF_2, 'fs-2'), DIES, 8_000],
    ['so it is where answers come too late for an order', slow(OWN_OF_2, 'fs-2'), DIES, 15_000],
    ['a holder whose SIP is stuck is ended from elsewhere', cutOff(OWN_OF_1, 'fs-1'), STICKS, 8_000],
    ['a holder is ended for a switchover from elsewhere', cutOff(OWN_OF_1, 'fs-1'), MOVES, 2_500],
    ['a switchover goes to a node that its own zone does not reach', cutOff(OWN_OF_2, 'fs-2'), MOVES, 5_000],
  ])('%s', async (_words, long, then, withinMs) => {
    for (const elasticIps of [true, false]) {
      const { changes, unservedMs, violations } = await during(long, then, elasticIps);

      expect(violations).toEqual([]);
      expect(changes.at(-1)).toMatchObject({ callsBefore: 10, callsLost: 0 });
      expect(unservedMs).toBeLessThan(withinMs);
    }
  });
});

it('keeps the calls of a holder whose zone is cut off for longer than calls are waited for', async () => {
  const isolated = { kind: 'isolation', zone: OWN_OF_1, forMs: FOR_MS } as const;

  const { changes, violations } = await during(isolated, isolated);

  expect(violations).toEqual([]);
  expect(changes.at(-1)).toMatchObject({ kind: 'failover', callsBefore: 10, callsLost: 0 });
});
