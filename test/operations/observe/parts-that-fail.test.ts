/** Whatever fails inside an observer is told, and ends nothing. */
import type { NodeTopology } from '../../../lib/domain/model';
import type { NodeProbe } from '../../../lib/domain/ports';
import { ProbeSet } from '../../../lib/operations/observe/probe-set';
import { Publisher } from '../../../lib/operations/observe/publisher';
import { Ticker } from '../../../lib/operations/observe/tick';
import { MemoryStateStore } from '../../../lib/simulation/memory-store';
import { looks, policy, topologyOf } from '../../support/cluster';
import { silentLog } from '../../support/fake-world';
import { VirtualClock } from '../../support/virtual-clock';

const metrics = { count: () => undefined, durationMs: () => undefined };

it('a look that fails is followed by the next one', async () => {
  const clock = new VirtualClock();
  let begun = 0;
  const look = (): Promise<never> => {
    begun += 1;
    return Promise.reject(new Error('a bug'));
  };
  const rhythm = () => ({ intervalMs: 1_000, spacingMs: 400 });
  const stop = new AbortController();
  const ended = new Ticker({ clock, log: silentLog, metrics, rhythm, look }).run(stop.signal);

  await clock.advance(2_500);
  stop.abort();

  await expect(ended).resolves.toBeUndefined();
  expect(begun).toBe(3);
});

it('a judgement that fails is told, and what is known is read anew', async () => {
  const clock = new VirtualClock();
  const onEvaluated = jest.fn();
  const evaluate = async (): Promise<void> => {
    await clock.sleep(100);
    throw new Error('the store is away');
  };
  const store = new MemoryStateStore();
  const publisher = new Publisher({ store, clock, log: silentLog, metrics, evaluate, onEvaluated });
  publisher.offer({ observations: looks('fs-a', 'refused', 'silent'), policy, attention: ['main'] });
  const idle = publisher.idle();

  await clock.advance(200);

  await expect(idle).resolves.toBeUndefined();
  expect(onEvaluated).toHaveBeenCalledTimes(1);
});

it('the loss of a connection that was let go is no news of its node', () => {
  const lost: string[] = [];
  const listeners: (() => void)[] = [];
  const openProbe = (): NodeProbe => ({
    probe: () => Promise.reject(new Error('not asked here')),
    onConnectionLost: (listener) => void listeners.push(listener),
    close: () => undefined,
  });
  const onConnectionLost = (nodeId: string): void => void lost.push(nodeId);
  const probes = new ProbeSet({ openProbe, clock: new VirtualClock(), log: silentLog, onConnectionLost });
  const topology = topologyOf(1);
  probes.follow(topology);
  const moved = (node: NodeTopology): NodeTopology => ({ ...node, managementAddress: '10.0.0.99' });
  probes.follow({ ...topology, nodes: topology.nodes.map(moved) });

  for (const listener of listeners) listener();

  expect(listeners).toHaveLength(2);
  expect(lost).toEqual(['fs-a']);
});
