/** `crashAction: restart-in-place`: the supervisor is faster than any failover, and the node gets its own calls back. */
import { notYet, ready, until } from '../../../local/demo/until';
import type { CallsStage } from '../support/calls-stage';

export function ringRestart(calls: () => CallsStage): void {
  it('a crashed process that its supervisor restarts in time is reinstated with its own calls', async () => {
    const { stage } = calls();
    const { world } = stage;
    const before = await stage.vip('green');
    const others = await Promise.all(['blue', 'azure'].map((vipId) => stage.vip(vipId)));
    const nodeId = before.holder?.nodeId ?? '';
    await world.establish([{ count: 4 }], 'green');
    const since = stage.now();

    await world.fleet.process(nodeId).kill();
    await world.fleet.process(nodeId).restart('realistic');

    const journal = await until('green is reinstated and its calls are counted', { timeoutMs: 60_000 }, async () => {
      const { epoch, status } = await stage.vip('green');
      if (epoch === before.epoch || status !== 'held') return notYet(`epoch ${epoch}, ${status}`);
      const found = await stage.journal(epoch, 'green');
      return found.calls?.aliveAfter5s === undefined || found.calls.aliveAfter5s === null
        ? notYet(`recover ${found.steps.recover.status}: ${found.steps.recover.error ?? ''}`)
        : ready(found);
    });
    expect(journal).toMatchObject({ kind: 'reinstatement', cause: 'restarted', epoch: before.epoch + 1 });
    expect(journal.from).toEqual(before.holder);
    expect(journal.to.nodeId).toBe(nodeId);
    expect(journal.calls).toMatchObject({ before: 4, legsBefore: 8, resurrected: 4, aliveAfter5s: 4, lost: [] });
    expect(await calls().sessions(nodeId)).toBe(8);
    expect(since.applied('ec2', 'StopInstances')).toEqual([]);
    expect(await calls().mayLogIn(nodeId)).toBe(true);
    expect(await Promise.all(['blue', 'azure'].map((vipId) => stage.vip(vipId)))).toEqual(others);
    await calls().untilClosed('green');
  });
}
