import type { Incident } from '../../../lib/domain/model';
import { NOW, type Stage } from './stage';

export function specifyIncidents(stage: Stage): void {
  describe('incidents', () => {
    const incident = (over: Partial<Incident> = {}): Incident => ({
      kind: 'no-candidate',
      vipId: 'main',
      nodeId: null,
      epoch: 1,
      reasons: ['fs-b is paused'],
      atMs: NOW,
      notifiedAtMs: null,
      ...over,
    });

    it('are told once, until they are over', async () => {
      expect(await stage.store.raiseIncident(incident())).toBe(true);
      expect(await stage.store.raiseIncident(incident({ atMs: NOW + 1 }))).toBe(false);
      expect(await stage.store.listUnnotifiedIncidents()).toEqual([incident()]);

      await stage.store.markIncidentNotified(incident(), NOW + 2);
      expect(await stage.store.listUnnotifiedIncidents()).toEqual([]);
      expect(await stage.store.raiseIncident(incident({ atMs: NOW + 3 }))).toBe(false);

      await stage.store.clearIncident('no-candidate', 'main');
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
      await stage.store.clearIncident('no-candidate', 'main');
      await stage.store.raiseIncident(anew);

      await stage.store.markIncidentNotified(incident(), NOW + 10);

      expect(await stage.store.listUnnotifiedIncidents()).toEqual([anew]);
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
