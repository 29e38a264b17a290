/** Gateways register outward again after every change of holder, also where there are no calls to count. */
import { decided, type Stage } from '../support/converge-stage';
import { topologyOf } from '../support/cluster';

const CARRIER = 'gateway external::carrier is not registered again yet';
const COUNTED = { name: 'UnregisteredGateways', value: 1 };

/** A failover without a database, converged once. */
async function failedOver(unregisteredGateways: string[] | null): Promise<Stage> {
  const stage = await decided();
  stage.world.unregisteredGateways = unregisteredGateways;
  await stage.converge();
  return stage;
}

const later = async (stage: Stage): Promise<void> => {
  await stage.clock.advance(30_000);
  await stage.converge(2);
};

it('that are all registered are seen at once', async () => {
  const { journal, world } = await failedOver([]);

  expect(journal().steps.ledger).toMatchObject({
    status: 'done',
    proof: 'no calls were to be recovered; no gateway is unregistered',
  });
  expect(world.counts).toContainEqual({ ...COUNTED, value: 0 });
});

it('have half a minute, and who has not registered by then is named and counted', async () => {
  const stage = await failedOver(['external::carrier']);
  expect(stage.journal()).toMatchObject({ status: 'done', steps: { ledger: { status: 'pending', error: CARRIER } } });
  expect(stage.world.metrics).not.toContain('UnregisteredGateways');

  await later(stage);

  expect(stage.journal().steps.ledger).toMatchObject({
    status: 'done',
    proof: `no calls were to be recovered; ${CARRIER}`,
  });
  expect(stage.world.counts).toContainEqual(COUNTED);
});

it('that took their time leave no alarm', async () => {
  const stage = await failedOver(['external::carrier']);
  stage.world.unregisteredGateways = [];

  await later(stage);

  expect(stage.world.counts).toContainEqual({ ...COUNTED, value: 0 });
});

it('that cannot be asked for hold up nothing, and nothing is counted', async () => {
  const stage = await failedOver(null);
  expect(stage.journal().steps.ledger.status).toBe('pending');

  await later(stage);

  expect(stage.journal().steps.ledger).toMatchObject({
    status: 'done',
    proof: expect.stringContaining('the gateways could not be asked for') as string,
  });
  expect(stage.world.metrics).not.toContain('UnregisteredGateways');
});

it('are looked at by an order that names no incarnation: nothing is to be counted', async () => {
  const database = { host: 'db.internal', port: 5432, name: 'freeswitch' };
  const stage = await decided('suspected-death', {}, topologyOf(3, { database }));
  const { countAlive } = stage.deps.nodeControl;
  const orders: string[][] = [];
  stage.deps.nodeControl = {
    ...stage.deps.nodeControl,
    countAlive: (node, vip, order, timeoutMs) => {
      orders.push(order.deadCoreUuids);
      return countAlive(node, vip, order, timeoutMs);
    },
  };
  Object.assign(stage.world, { databaseAway: true, unregisteredGateways: ['external::carrier'] });

  for (let run = 1; run < 8 && stage.journal().steps.ledger.status !== 'done'; run += 1) {
    await stage.converge(run);
    await stage.clock.advance(30_000);
  }

  // The recovery was given up: its calls are lost, its carriers are not.
  expect(stage.journal().calls?.recoveredAtMs).toBeNull();
  expect(stage.journal().steps.ledger.proof).toContain(CARRIER);
  expect(stage.world.counts).toContainEqual(COUNTED);
  expect(orders.flat()).toEqual([]);
});
