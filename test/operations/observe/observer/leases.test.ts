import { topologyOf, ZONES } from '../../../support/cluster';
import type { FakeProbe } from '../../../support/fake-probe';
import { Rig } from '../rig';

const [A, B] = ZONES;

describe('coming and going', () => {
  it('a challenger leaves at once while the incumbent is alive, young and current', async () => {
    const rig = new Rig();
    const incumbent = rig.start(A);
    await rig.clock.advance(60_000);

    const challenger = rig.start(A);
    await rig.clock.advance(10);

    expect(challenger.ended).toMatchObject({ outcome: 'left' });
    expect(rig.store.leases.get(A)?.owner).toBe(incumbent.owner);
  });

  it('a challenger leaves a zone that has no observer by the topology', async () => {
    const rig = new Rig();
    rig.register({ ...rig.topology, observers: [A] });

    const challenger = rig.start(B);
    await rig.clock.advance(10);

    expect(challenger.ended).toMatchObject({ outcome: 'left', reason: `${B} has no observer` });
    expect(rig.store.leases.has(B)).toBe(false);
  });

  it('ends with its lifetime: probes closed, lease released, nothing left asleep', async () => {
    const rig = new Rig();
    const observer = rig.start(A, { lifetimeMs: 20_000 });

    await rig.clock.advance(21_000);

    expect(observer.ended).toMatchObject({ outcome: 'watched', ended: 'lifetime' });
    expect([...observer.probes.values()].every((probe) => probe.closed)).toBe(true);
    expect(rig.store.leases.get(A)?.untilMs).toBeLessThanOrEqual(rig.clock.wallMs());
    expect(rig.clock.asleep).toBe(0);
  });

  it('a dead incumbent is replaced as soon as its lease has run out', async () => {
    const rig = new Rig();
    const incumbent = rig.start(A);
    await rig.clock.advance(60_500);
    incumbent.crash();
    await rig.clock.advance(4_000);

    const challenger = rig.start(A);
    await rig.clock.advance(6_000);

    expect(challenger.ended).toBeNull();
    expect(rig.store.leases.get(A)?.owner).toBe(challenger.owner);
  });

  it('a challenger of the registered version relieves the incumbent, who watches until it sees that', async () => {
    const rig = new Rig();
    const incumbent = rig.start(A, { version: 'v1' });
    await rig.clock.advance(30_000);
    rig.register({ ...rig.topology, version: 'v2' });

    const challenger = rig.start(A, { version: 'v2' });
    await rig.clock.advance(10);
    expect(incumbent.ended).toBeNull();
    await rig.clock.advance(2_500);

    expect(incumbent.ended).toMatchObject({ ended: 'relieved' });
    expect(challenger.ended).toBeNull();
    expect(rig.store.leases.get(A)?.owner).toBe(challenger.owner);
  });

  it('a hand-over in the middle of an outage goes on counting', async () => {
    const rig = new Rig();
    rig.start(A, { version: 'v0' });
    await rig.clock.advance(10_000);
    rig.node('fs-a').condition = 'frozen';
    await rig.clock.advance(10_000);
    const since = rig.seen('fs-a', A)?.eslMissingSinceMs;
    const misses = rig.seen('fs-a', A)?.eslMisses ?? 0;

    rig.start(A, { version: 'v1' });
    await rig.clock.advance(3_000);

    expect(rig.seen('fs-a', A)?.eslMissingSinceMs).toBe(since);
    expect(rig.seen('fs-a', A)?.eslMisses).toBeGreaterThan(misses);
    expect(rig.seen('fs-a', A)?.eslHistory.toString(2).slice(-misses)).toBe('1'.repeat(misses));
    expect(rig.seen('fs-a', A)?.muted).toBe(false);
  });

  it('follows a new topology without ending: new nodes are looked at, removed ones are let go', async () => {
    const rig = new Rig();
    const observer = rig.start(A);
    await rig.clock.advance(10_000);

    rig.register({ ...topologyOf(3), nodes: topologyOf(3).nodes.filter((node) => node.id !== 'fs-b'), version: 'v2' });
    await rig.clock.advance(7_000);

    expect(rig.seen('fs-c', A)?.topologyVersion).toBe('v2');
    expect(observer.probes.get('fs-b')?.closed).toBe(true);
    expect(observer.ended).toBeNull();
  });

  it('follows a node that has other addresses with a probe of its own', async () => {
    const rig = new Rig();
    const observer = rig.start(A);
    await rig.clock.advance(10_000);
    const before = observer.probes.get('fs-b');

    const nodes = rig.topology.nodes.map((node) =>
      node.id === 'fs-b' ? { ...node, managementAddress: '10.0.1.99' } : node,
    );
    rig.register({ ...rig.topology, nodes, version: 'v2' });
    await rig.clock.advance(7_000);

    expect(before?.closed).toBe(true);
    expect(observer.probes.get('fs-b')).toMatchObject({ closed: false });
  });

  it('does not take over what another zone had missed', async () => {
    const rig = new Rig();
    const other = rig.start(B);
    await rig.clock.advance(5_000);
    (other.probes.get('fs-a') as FakeProbe).cut = true;
    await rig.clock.advance(10_000);

    rig.start(A);
    await rig.clock.advance(10);

    expect(rig.seen('fs-a', B)?.eslHistory).toBeGreaterThan(0);
    expect(rig.seen('fs-a', A)?.eslHistory).toBe(0);
  });

  it('ends when its zone has no observer any more', async () => {
    const rig = new Rig();
    const observer = rig.start(B);
    await rig.clock.advance(10_000);

    rig.register({ ...rig.topology, observers: [A] });
    await rig.clock.advance(7_000);

    expect(observer.ended).toMatchObject({ ended: 'zone-removed' });
  });

  it('leaves when nothing is registered, and waits at the door while the store is away', async () => {
    let away = true;
    const rig = new Rig({
      hooks: {
        onCall: () => {
          if (away) throw new Error('away');
        },
      },
    });
    const challenger = rig.start(A);
    await rig.clock.advance(30_000);
    expect(challenger.ended).toBeNull();

    away = false;
    await rig.clock.advance(2_500);
    expect(rig.store.leases.get(A)?.owner).toBe(challenger.owner);

    rig.store.topology = null;
    const other = rig.start(B, { version: 'v1' });
    await rig.clock.advance(10);
    expect(other.ended).toMatchObject({ outcome: 'left', reason: expect.stringContaining('NotRegistered') });
  });

  it('gives up when the next challenger is due', async () => {
    const rig = new Rig({
      hooks: {
        onCall: () => {
          throw new Error('away');
        },
      },
    });
    const challenger = rig.start(A);

    await rig.clock.advance(62_000);

    expect(challenger.ended).toMatchObject({ outcome: 'left' });
  });
});
