/** One node after the other fails: the spare takes a group of two VIPs at once, and the third VIP beside them. */
import type { CallsLedger } from '../../../lib/domain/model';
import { notYet, ready, until } from '../../../local/demo/until';
import type { CallsStage } from '../support/calls-stage';

const TRUNKS = ['blue', 'azure'] as const;

export function ringFailovers(calls: () => CallsStage): void {
  describe('a node that holds a group of two VIPs fails', () => {
    it('both move to the spare together; not a row and not a call of the third VIP is touched', async () => {
      const { stage } = calls();
      const { world } = stage;
      const { nodeId: failed } = await stage.holder('blue');
      await world.establish([{ count: 3 }], 'blue');
      await world.establish([{ count: 2 }], 'azure');
      const third = await stage.vip('green');
      const rowsOfThird = await rowsOf(calls(), 'external-green');
      expect(rowsOfThird).toHaveLength(8);

      await world.fleet.process(failed).freeze();

      for (const [vipId, count] of [
        ['blue', 3],
        ['azure', 2],
      ] as const) {
        const ledger = await untilRecounted(calls(), vipId, 'cleo');
        expect(ledger).toMatchObject({ before: count, resurrected: count, aliveAfter5s: count, lost: [] });
      }
      expect(await stage.vip('green')).toEqual(third);
      expect(await rowsOf(calls(), 'external-green')).toEqual(rowsOfThird);
      expect(await profilesOf(calls(), 'cleo')).toMatchObject({
        'external-blue': { standby: false, sessions: 6, silent: 0 },
        'external-azure': { standby: false, sessions: 4, silent: 0 },
        'external-green': { standby: true, sessions: 0 },
      });
    });

    it('the spare takes the third VIP too, where the policy allows it, and the calls it has go on', async () => {
      const { stage } = calls();
      const { nodeId: failed } = await stage.holder('green');
      const trunks = await Promise.all(TRUNKS.map((vipId) => rowsOf(calls(), `external-${vipId}`)));

      await stage.world.fleet.process(failed).freeze();

      const ledger = await untilRecounted(calls(), 'green', 'cleo');
      expect(ledger).toMatchObject({ before: 4, resurrected: 4, aliveAfter5s: 4, lost: [] });
      expect(await Promise.all(TRUNKS.map((vipId) => rowsOf(calls(), `external-${vipId}`)))).toEqual(trunks);
      expect(await calls().sessions('cleo')).toBe(6 + 4 + 8);
      for (const vipId of ['blue', 'azure', 'green']) await calls().untilClosed(vipId);
    });
  });
}

async function untilRecounted({ stage }: CallsStage, vipId: string, nodeId: string): Promise<CallsLedger> {
  return until(`${vipId} is on ${nodeId} and its calls are counted`, { timeoutMs: 60_000 }, async () => {
    const { epoch, status, holder } = await stage.vip(vipId);
    const { calls } = await stage.journal(epoch, vipId);
    const isThere = status === 'held' && holder?.nodeId === nodeId;
    if (isThere && calls !== null && calls.aliveAfter5s !== null) return ready(calls);
    return notYet(`${status} at ${holder?.nodeId ?? 'nobody'}, epoch ${epoch}`);
  });
}

async function rowsOf({ database }: CallsStage, profile: string): Promise<{ uuid: string; runtime_uuid: string }[]> {
  return database.query(
    'select uuid, runtime_uuid, hostname, metadata from public.recovery where profile_name = $1 order by uuid',
    [profile],
  );
}

async function profilesOf({ stage }: CallsStage, nodeId: string): Promise<Record<string, object>> {
  const { profiles } = await stage.standIn(nodeId).state();
  return Object.fromEntries(profiles.map((profile) => [profile.name, profile]));
}
