import type { Observation } from '../../../lib/domain/model';
import { healthy, look, looks, nodeState, NOW, topologyOf, withShutdownPending } from '../../support/cluster';
import { decideOne, standby } from './stage';

describe('who may take over', () => {
  const dead = looks('fs-a', 'refused', 'silent');

  it.each([
    ['no observer sees it', [] as Observation[], {}],
    ['it is dead too', looks('fs-b', 'refused', 'silent'), {}],
    ['it is paused over ESL', looks('fs-b', 'paused', 'standby'), {}],
    ['it waits for its last call to shut down', withShutdownPending(standby), {}],
    ['its SIP is silent', looks('fs-b', 'ok', 'silent'), {}],
    ['it is in maintenance', standby, { nodes: [nodeState('fs-a'), nodeState('fs-b', { paused: true })] }],
    ['another VIP claims it', standby, { nodes: [nodeState('fs-a'), nodeState('fs-b', { claims: ['other'] })] }],
    ['EC2 says it is stopping', standby, { instances: [{ nodeId: 'fs-b', state: 'stopping', atMs: NOW }] }],
    ['only one observer sees it fit', [look('fs-b', 'us-east-1a', 'ok', 'standby')], {}],
  ])('not when %s: nothing is torn down, a human is told why', (_name, seen, overrides) => {
    const decision = decideOne(healthy({ observations: [...dead, ...seen], ...overrides }));
    expect(decision).toMatchObject({ kind: 'incident', incident: { kind: 'no-candidate', vipId: 'main', epoch: 1 } });
    expect(decision.reasons.join(' ')).toContain('fs-b is not fit');
  });

  it('says of one that waits for its last call what ends that', () => {
    const decision = decideOne(healthy({ observations: [...dead, ...withShutdownPending(standby)] }));

    expect(decision.reasons.join(' ')).toMatch(/SIP standby, told to shut down .*`fsctl shutdown cancel` ends that/);
  });

  it('though one observer alone was told of a shutdown: a majority sees it fit', () => {
    const [one, ...others] = standby;
    const seen = [...dead, ...others, ...(one === undefined ? [] : withShutdownPending([one]))];

    expect(decideOne(healthy({ observations: seen }))).toMatchObject({ kind: 'change', to: { nodeId: 'fs-b' } });
  });

  it.each([
    ['its status checks fail: observers see it now, and those are minutes old', 'impaired'],
    ['EC2 says that it is still coming up: observers see it fit', 'pending'],
  ])('though %s', (_words, state) => {
    const instances = [{ nodeId: 'fs-b', state, atMs: NOW }];
    const decision = decideOne(healthy({ observations: [...dead, ...standby], instances }));
    expect(decision).toMatchObject({ kind: 'change', to: { nodeId: 'fs-b' } });
  });

  it('also when EC2 once said it was stopped, and a majority has seen it well for a minute since', () => {
    const instances = [{ nodeId: 'fs-b', state: 'stopped', atMs: NOW - 61_000 }];
    expect(decideOne(healthy({ observations: [...dead, ...standby], instances }))).toMatchObject({ kind: 'change' });
  });

  it('the most preferred of several', () => {
    const topology = topologyOf(3);
    const vips = topology.vips.map((vip) => ({ ...vip, candidates: ['fs-a', 'fs-c', 'fs-b'] }));
    const decision = decideOne(
      healthy({
        topology: { ...topology, vips },
        nodes: ['fs-a', 'fs-b', 'fs-c'].map((id) => nodeState(id)),
        observations: [...dead, ...standby, ...looks('fs-c', 'ok', 'standby')],
      }),
    );
    expect(decision).toMatchObject({ to: { nodeId: 'fs-c' } });
  });
});
