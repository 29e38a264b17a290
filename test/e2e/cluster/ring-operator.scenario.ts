/** What an operator does with nodes that are well: one VIP is drained and moved alone, or all of a node with their calls. */
import { notYet, ready, until } from '../../../local/demo/until';
import type { CallsStage } from '../support/calls-stage';
import { understudy } from '../support/operator';

export function ringOperator(calls: () => CallsStage): void {
  describe('an operator', () => {
    beforeAll(() => everyNodeBack(calls()), 120_000);

    it('drains one VIP: its calls end by themselves, then it moves alone', async () => {
      const { stage } = calls();
      const { world } = stage;
      const { nodeId: old } = await stage.holder('green');
      const others = await Promise.all(['blue', 'azure'].map((vipId) => stage.vip(vipId)));
      const sessions = await calls().sessions(old);

      const drained = await understudy(world, 'drain', '--vip', 'green');
      expect(drained).toMatchObject({ exitCode: 0, text: expect.stringContaining('4 calls are left') as string });
      const refusal = await untilSaid(
        calls(),
        /4 calls are left/,
        'switchover',
        '--vip',
        'green',
        '--drained',
        '--yes',
      );
      expect(refusal.exitCode).toBe(1);

      await hangUp(calls(), old, 'external-green');
      await untilSaid(calls(), /decided green#/, 'switchover', '--vip', 'green', '--drained', '--yes', '--to', 'bert');

      await untilHeldBy(calls(), 'green', 'bert');
      expect(await Promise.all(['blue', 'azure'].map((vipId) => stage.vip(vipId)))).toEqual(others);
      expect(await calls().sessions(old)).toBe(sessions - 8);
      expect(await calls().mayLogIn(old)).toBe(true);
    });

    it('switches over a node with its calls, after the forecast; it is a standby afterwards', async () => {
      const { stage } = calls();
      const { world } = stage;
      const { nodeId: old } = await stage.holder('blue');

      const forecast = /5 established calls \(blue 3, azure 2\) are to be rebuilt on the new node/;
      const asked = await untilSaid(calls(), forecast, 'switchover', '--vip', 'blue', '--to', 'anna');
      expect(asked.text).toContain('so every VIP of that node moves: blue, azure');
      expect(asked).toMatchObject({ exitCode: 1, text: expect.stringContaining('nothing was done') as string });

      const said = await understudy(world, 'switchover', '--vip', 'blue', '--to', 'anna', '--yes');
      expect(said).toMatchObject({ exitCode: 0, text: expect.stringContaining('decided blue#') as string });

      for (const vipId of ['blue', 'azure']) {
        await untilHeldBy(calls(), vipId, 'anna');
        const journal = await calls().untilClosed(vipId);
        expect(journal).toMatchObject({ cause: 'operator', status: 'done' });
      }
      const ledgers = await Promise.all(
        ['blue', 'azure'].map(async (vipId) => (await stage.journal((await stage.vip(vipId)).epoch, vipId)).calls),
      );
      expect(ledgers).toMatchObject([
        { before: 3, aliveAfter30s: 3, lost: [] },
        { before: 2, aliveAfter30s: 2, lost: [] },
      ]);
      expect(await calls().sessions('anna')).toBe(10);
      // Its process ended by order: the supervisor on the node starts another one.
      await world.fleet.process(old).restart('realistic');
      expect(await calls().mayLogIn(old)).toBe(true);
      await until(`${old} is a standby`, { timeoutMs: 20_000, everyMs: 500 }, async () => {
        const { text } = await understudy(world, 'status', '--vip', 'blue', '--json');
        const { vips } = JSON.parse(text) as { vips: { vipId: string; standbys: string[] }[] };
        const blue = vips.find((each) => each.vipId === 'blue');
        return blue?.standbys.includes(old) === true ? ready(true) : notYet(text);
      });
    }, 280_000);
  });
}

/** The failovers before this took two nodes: both must be back, and every VIP well, before a human moves anything. */
async function everyNodeBack({ stage }: CallsStage): Promise<void> {
  await stage.world.waitUntilHealthy();
}

async function untilHeldBy({ stage }: CallsStage, vipId: string, nodeId: string): Promise<void> {
  await until(`${vipId} is held by ${nodeId}`, { timeoutMs: 60_000 }, async () => {
    const { status, holder } = await stage.vip(vipId);
    return status === 'held' && holder?.nodeId === nodeId
      ? ready(true)
      : notYet(`${status} at ${holder?.nodeId ?? 'nobody'}`);
  });
}

/** The observers must have seen what was done before, and a database that was slow for a moment is waited for. */
function untilSaid({ stage }: CallsStage, pattern: RegExp, ...words: string[]): ReturnType<typeof understudy> {
  return until(`\`understudy ${words.join(' ')}\` says ${pattern}`, { timeoutMs: 130_000 }, async () => {
    const said = await understudy(stage.world, ...words);
    return pattern.test(said.text) ? ready(said) : notYet(said.text);
  });
}

/** As their parties would, one leg of each call: the other one ends with it. */
async function hangUp(calls: CallsStage, nodeId: string, profile: string): Promise<void> {
  const rows = await calls.database.query<{ uuid: string }>(
    'select uuid from public.recovery where profile_name = $1',
    [profile],
  );
  for (const { uuid } of rows) await calls.stage.standIn(nodeId).api(`uuid_kill ${uuid}`);
}
