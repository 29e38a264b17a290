import type { Observation, ObserverLease } from '../../../lib/domain/model';
import { CLOCKS_APART_MS } from '../../../lib/domain/voters';
import { anObservation } from '../store-fixtures';
import { NOW, type Stage } from './stage';

export function specifyObserving(stage: Stage): void {
  const { givenRegistered } = stage;

  describe('observing', () => {
    it('keeps one look per node and zone, the newer one', async () => {
      await givenRegistered();
      const newer = anObservation('fs-a', 'z1', NOW + 1000);
      await stage.store.putObservation(anObservation('fs-a', 'z1', NOW), NOW);
      await stage.store.putObservation(newer, NOW + 1000);
      await stage.store.putObservation(anObservation('fs-a', 'z1', NOW + 10), NOW + 60_000);
      await stage.store.putObservation(anObservation('fs-a', 'z2', NOW), NOW);

      const { observations } = await stage.store.readCluster();

      const inOrder = (a: Observation, b: Observation): number => a.zone.localeCompare(b.zone);
      expect(observations.sort(inOrder)).toEqual([newer, anObservation('fs-a', 'z2', NOW)]);
    });

    it('keeps no look that a wrong clock dated ahead', async () => {
      await givenRegistered();
      const right = anObservation('fs-a', 'z1', NOW);
      await stage.store.putObservation(anObservation('fs-a', 'z1', NOW + 3_600_000), NOW + 3_600_000);
      await stage.store.putObservation(right, NOW);

      expect((await stage.store.readCluster()).observations).toEqual([right]);
    });

    it('keeps a newer look of a clock that is only a little ahead', async () => {
      await givenRegistered();
      const ahead = anObservation('fs-a', 'z1', NOW + CLOCKS_APART_MS);
      await stage.store.putObservation(ahead, NOW + CLOCKS_APART_MS);
      await stage.store.putObservation(anObservation('fs-a', 'z1', NOW), NOW);

      expect((await stage.store.readCluster()).observations).toEqual([ahead]);
    });

    it('keeps the newest state of an instance, however EventBridge orders them', async () => {
      await givenRegistered();
      await stage.store.putInstanceEvidence({ nodeId: 'fs-a', state: 'stopped', atMs: NOW + 5 });
      await stage.store.putInstanceEvidence({ nodeId: 'fs-a', state: 'stopping', atMs: NOW });
      expect((await stage.store.readCluster()).instances).toEqual([
        { nodeId: 'fs-a', state: 'stopped', atMs: NOW + 5 },
      ]);
    });

    it('takes back what was said of an instance only where that still stands', async () => {
      await givenRegistered();
      const stateNow = async () => (await stage.store.readCluster()).instances.map(({ state }) => state);
      await stage.store.putInstanceEvidence({ nodeId: 'fs-a', state: 'running', atMs: NOW }, 'impaired');
      expect(await stateNow()).toEqual([]);
      await stage.store.putInstanceEvidence({ nodeId: 'fs-a', state: 'impaired', atMs: NOW + 1 });
      await stage.store.putInstanceEvidence({ nodeId: 'fs-a', state: 'running', atMs: NOW }, 'impaired');
      expect(await stateNow()).toEqual(['impaired']);
      await stage.store.putInstanceEvidence({ nodeId: 'fs-a', state: 'running', atMs: NOW + 2 }, 'impaired');
      expect(await stateNow()).toEqual(['running']);
    });

    const lease = (owner: string, renewedAtMs: number): ObserverLease => ({
      zone: 'z1',
      owner,
      startedAtMs: NOW,
      renewedAtMs,
      untilMs: renewedAtMs + 3000,
      codeVersion: 'c1',
      topologyVersion: 't1',
    });
    const never = (): boolean => false;

    it('gives the lease of a zone to the first, and renews it for its owner', async () => {
      await givenRegistered();
      expect(await stage.store.takeObserverLease(lease('one', NOW), never)).toMatchObject({ taken: true });
      const refused = await stage.store.takeObserverLease(lease('two', NOW + 1), never);
      expect(refused).toEqual({ taken: false, current: lease('one', NOW) });
      expect(await stage.store.takeObserverLease(lease('one', NOW + 1000), never)).toMatchObject({ taken: true });
      expect((await stage.store.readCluster()).leases).toEqual([lease('one', NOW + 1000)]);
    });

    it('gives a lease that ran out to the next, and one that may be taken', async () => {
      await givenRegistered();
      await stage.store.takeObserverLease(lease('one', NOW), never);
      expect(await stage.store.takeObserverLease(lease('two', NOW + 3000), never)).toMatchObject({ taken: true });
      const asked: string[] = [];
      const always = (current: ObserverLease): boolean => asked.push(current.owner) > 0;
      expect(await stage.store.takeObserverLease(lease('three', NOW + 3001), always)).toEqual({
        taken: true,
        current: lease('three', NOW + 3001),
      });
      expect(asked).toEqual(['two']);
    });

    it('gives a dead lease to exactly one of many', async () => {
      await givenRegistered();
      await stage.store.takeObserverLease(lease('dead', NOW - 60_000), never);
      const owners = Array.from({ length: 10 }, (_, index) => `challenger-${index}`);
      const answers = await Promise.all(owners.map((owner) => stage.store.takeObserverLease(lease(owner, NOW), never)));
      expect(answers.filter((each) => each.taken)).toHaveLength(1);
    });

    it('lets exactly one of many take a living lease that all of them may take', async () => {
      await givenRegistered();
      await stage.store.takeObserverLease(lease('incumbent', NOW), never);
      const owners = Array.from({ length: 10 }, (_, index) => `challenger-${index}`);
      const fromIncumbent = (current: ObserverLease): boolean => current.owner === 'incumbent';
      const answers = await Promise.all(
        owners.map((owner) => stage.store.takeObserverLease(lease(owner, NOW + 1), fromIncumbent)),
      );
      expect(answers.filter((each) => each.taken)).toHaveLength(1);
    });
  });
}
