/** Recovery ignores the session limit: the rebuilt calls alone can fill the new holder (FACTS 7.5). */
import { useLightAbort } from '../../lib/simulation/kernel/light-abort';
import { MINUTE_MS, worldAfter } from '../simulation/scenarios';

beforeAll(useLightAbort);

/** fs-1 died as the holder; its calls, and the callers who dial again, fill fs-2 before it is promoted. */
async function failedOverToAFullNode() {
  const world = await worldAfter(2 * MINUTE_MS);
  const pages: string[] = [];
  world.listener.paged = ({ body }) => void pages.push(body);
  const isDecided = (): boolean => world.table.transitions.has('vip-1#2');
  world.switchOf('fs-1').crash();
  await world.kernel.run(3 * MINUTE_MS, () => undefined, isDecided);
  world.switchOf('fs-2').setBusy(true);
  await world.kernel.run(10 * MINUTE_MS, () => undefined);
  return { table: world.table, pages };
}

it('a failover to a node that its calls fill is verified, told as served, and finished', async () => {
  const { table, pages } = await failedOverToAFullNode();

  const journal = table.transitions.get('vip-1#2');
  expect(journal).toMatchObject({ kind: 'failover', status: 'done', to: { nodeId: 'fs-2' } });
  expect(journal?.calls).toMatchObject({ before: 10, confirmed: 10 });
  expect(Object.entries(journal?.steps ?? {}).filter(([, { status }]) => status === 'pending')).toEqual([]);
  expect(journal?.steps.verify.proof).toContain('503 Maximum Calls In Progress');
  expect(table.vips.get('vip-1')).toMatchObject({ status: 'held', holder: { nodeId: 'fs-2' } });
  expect(pages[0]).toContain('Callers served:   YES');
}, 30_000);
