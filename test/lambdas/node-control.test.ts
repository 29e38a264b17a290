/** Which order a request of the node-control function comes to. */
import { perform } from '../../lambdas/node-control';
import type { NodeControl } from '../../lib/domain/ports';
import { aTopology } from '../support/store-fixtures';

const NODE = aTopology().nodes[1]!;
const VIP = aTopology().vips[0]!;

it.each([true, false])('a check asks for the database as it was told: %s', async (asksDatabase) => {
  const given: unknown[][] = [];
  const check = (...order: unknown[]): Promise<unknown> => {
    given.push(order);
    return Promise.resolve(null);
  };

  await perform({ check } as unknown as NodeControl, {
    ...{ action: 'check', node: NODE, vip: VIP, timeoutMs: 3_000, asksDatabase },
  });

  expect(given).toEqual([[NODE, VIP, 3_000, asksDatabase]]);
});

it('a demotion is no check', async () => {
  const given: string[] = [];
  const demote = (node: { id: string }): Promise<unknown> => Promise.resolve(given.push(node.id));

  await perform({ demote } as unknown as NodeControl, { action: 'demote', node: NODE, vip: VIP, timeoutMs: 3_000 });

  expect(given).toEqual([NODE.id]);
});
