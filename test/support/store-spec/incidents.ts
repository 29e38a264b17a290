import type { StoredIncident } from '../../../lib/domain/model';
import { TOLD_WHEN_OVER_AFTER_MS } from '../../../lib/domain/store-rules';
import { NOW, type Stage } from './stage';

export function specifyIncidents(stage: Stage): void {
  describe('incidents', () => {
    const incident = (over: Partial<StoredIncident> = {}): StoredIncident => ({
      kind: 'no-candidate',
      vipId: 'main',
      nodeId: null,
      epoch: 1,
      reasons: ['fs-b is paused'],
      atMs: NOW,
      notifiedAtMs: null,
      overAtMs: null,
      untoldSinceMs: null,
      ...over,
    });

    it('are told once, until they are over', async () => {
      expect(await stage.store.raiseIncident(incident())).toBe(true);
      expect(await stage.store.raiseIncident(incident({ atMs: NOW + 1 }))).toBe(false);
      expect(await stage.store.listUnnotifiedIncidents()).toEqual([incident()]);

      await stage.store.markIncidentNotified(incident(), NOW + 2);
      expect(await stage.store.listUnnotifiedIncidents()).toEqual([]);
      expect(await stage.store.raiseIncident(incident({ atMs: NOW + 3 }))).toBe(false);

      await stage.store.clearIncident('no-candidate', 'main', NOW + 3);
      expect(await stage.store.raiseIncident(incident({ atMs: NOW + 4 }))).toBe(true);
      expect(await stage.store.listUnnotifiedIncidents()).toEqual([incident({ atMs: NOW + 4 })]);
    });

    it('are news again at a later epoch, and not at an earlier one', async () => {
      await stage.store.raiseIncident(incident());
      await stage.store.markIncidentNotified(incident(), NOW + 2);
      expect(await stage.store.raiseIncident(incident({ epoch: 2, atMs: NOW + 9 }))).toBe(true);
      expect(await stage.store.raiseIncident(incident({ epoch: 1, atMs: NOW + 10 }))).toBe(false);
      expect(await stage.store.listUnnotifiedIncidents()).toEqual([incident({ epoch: 2, atMs: NOW + 9 })]);
    });

    it.each([null, 7])('are the same ones while one without an epoch stands: %p', async (epoch) => {
      await stage.store.raiseIncident(incident({ epoch: null }));
      expect(await stage.store.raiseIncident(incident({ epoch, atMs: NOW + 9 }))).toBe(false);
    });

    it('stay untold when they were raised anew while the one before was being told', async () => {
      const anew = incident({ atMs: NOW + 9 });
      await stage.store.raiseIncident(incident());
      await stage.store.clearIncident('no-candidate', 'main', NOW + 8);
      await stage.store.raiseIncident(anew);

      await stage.store.markIncidentNotified(incident(), NOW + 10);

      expect(await stage.store.listUnnotifiedIncidents()).toEqual([anew]);
    });

    describe('of which nobody was told while they lasted', () => {
      const OVER = NOW + TOLD_WHEN_OVER_AFTER_MS;
      const end = (atMs: number): Promise<void> => stage.store.clearIncident('no-candidate', 'main', atMs);

      beforeEach(async () => {
        await stage.store.raiseIncident(incident());
      });

      it('stay to be told as over, since they ended first', async () => {
        await end(OVER);
        await end(OVER + 60_000);

        expect(await stage.store.listUnnotifiedIncidents()).toEqual([incident({ overAtMs: OVER })]);
      });

      it('are forgotten where they lasted only a moment', async () => {
        await end(OVER - 1);

        expect(await stage.store.listUnnotifiedIncidents()).toEqual([]);
        expect(await stage.store.raiseIncident(incident({ atMs: OVER }))).toBe(true);
      });

      it('are forgotten once they are told, however often', async () => {
        await end(OVER);
        const [over = incident()] = await stage.store.listUnnotifiedIncidents();

        await stage.store.markIncidentNotified(over, OVER + 1);
        await stage.store.markIncidentNotified(over, OVER + 2);

        expect(await stage.store.listUnnotifiedIncidents()).toEqual([]);
        await stage.store.raiseIncident(incident({ atMs: OVER + 3 }));
        expect(await stage.store.listUnnotifiedIncidents()).toEqual([incident({ atMs: OVER + 3 })]);
      });

      it('are not told again where they ended while they were being told', async () => {
        const [lasting = incident()] = await stage.store.listUnnotifiedIncidents();
        await end(OVER);

        await stage.store.markIncidentNotified(lasting, OVER + 1);

        expect(await stage.store.listUnnotifiedIncidents()).toEqual([]);
      });

      it.each([1, null])('are raised anew at epoch %p, and say since when nobody was told', async (epoch) => {
        await end(OVER);
        const [over = incident()] = await stage.store.listUnnotifiedIncidents();
        const anew = incident({ epoch, atMs: OVER + 1 });

        expect(await stage.store.raiseIncident(anew)).toBe(true);
        expect(await stage.store.raiseIncident({ ...anew, atMs: OVER + 2 })).toBe(false);
        await stage.store.markIncidentNotified(over, OVER + 3);

        expect(await stage.store.listUnnotifiedIncidents()).toEqual([{ ...anew, untoldSinceMs: NOW }]);
      });

      it('are still to be told where the last of them was only a moment', async () => {
        await end(OVER);
        await stage.store.raiseIncident(incident({ epoch: 2, atMs: OVER + 1 }));
        await end(OVER + 2);
        const again = incident({ epoch: 2, atMs: OVER + 1, overAtMs: OVER + 2, untoldSinceMs: NOW });

        expect(await stage.store.listUnnotifiedIncidents()).toEqual([again]);

        await stage.store.raiseIncident(incident({ epoch: 3, atMs: OVER + 3 }));
        expect(await stage.store.listUnnotifiedIncidents()).toEqual([
          incident({ epoch: 3, atMs: OVER + 3, untoldSinceMs: NOW }),
        ]);
      });
    });

    it('of a node or of the whole cluster stand beside those of a VIP', async () => {
      await stage.store.raiseIncident(incident({ kind: 'misconfigured', vipId: null, nodeId: 'fs-a', epoch: null }));
      await stage.store.raiseIncident(incident({ kind: 'misconfigured', vipId: null, nodeId: 'fs-b', epoch: null }));
      await stage.store.raiseIncident(incident({ kind: 'quorum-lost', vipId: null, epoch: null }));
      await stage.store.raiseIncident(incident({ kind: 'quorum-lost' }));
      expect(await stage.store.listUnnotifiedIncidents()).toHaveLength(4);
    });

    it('leave an audit trail', async () => {
      const event = { atMs: NOW, actor: 'operator', action: 'pause', subject: 'cluster', detail: 'maintenance' };
      await expect(stage.store.audit(event)).resolves.toBeUndefined();
    });
  });
}
