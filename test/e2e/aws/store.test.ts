import { OutsideRefused, OutsideTimeout } from '../../../lib/domain/errors';
import type { DecisionWrite } from '../../../lib/domain/ports';
import type { DynamoStateStore } from '../../../lib/aws/store/dynamo-state-store';
import type { Emulator } from '../../../local/emulator/emulator';
import { anObservation, aTopology, aTransition } from '../../support/store-fixtures';
import { specifyStateStore } from '../../support/store-spec/specify';
import { newTable, startLocalAws, storeOn } from './local-aws';

const HOLDER_A = { nodeId: 'fs-a', coreUuid: 'uuid-a' };
const HOLDER_B = { nodeId: 'fs-b', coreUuid: 'uuid-b' };

let aws: Emulator;

beforeAll(async () => {
  aws = await startLocalAws('e2e-store');
});

afterAll(async () => {
  await aws?.stop();
});

describe('the state store on DynamoDB', () => {
  specifyStateStore(async () => storeOn(aws, await newTable(aws)));
});

describe('the state store on DynamoDB under faults', () => {
  let store: DynamoStateStore;
  let tableName: string;

  beforeEach(async () => {
    tableName = await newTable(aws);
    store = storeOn(aws, tableName);
    await store.putTopology(aTopology());
    await store.ensureItems(aTopology(), { paused: false, reason: null, epochs: {}, atMs: 0 });
    aws.faults.clear();
  });

  afterEach(() => aws.faults.clear());

  const assignment = (decidedBy = 'observer-1'): DecisionWrite => ({
    transition: aTransition({ vipId: 'main', epoch: 1, kind: 'assignment', to: HOLDER_A, decidedBy }),
    expectedEpoch: 0,
    startsBlock: false,
    maxVipsPerNode: 1,
    maxTransitionsInFlight: 10,
    supersedes: null,
  });

  const inFlight = async (): Promise<number> => (await store.readCluster()).control.transitionsInFlight;

  it('knows its decision as written when the answer was lost', async () => {
    const fault = aws.faults.add({
      service: 'dynamodb',
      action: 'TransactWriteItems',
      effect: 'lost-answer',
      times: 1,
    });

    expect(await store.decide(assignment())).toEqual({ outcome: 'written' });

    expect(fault.hits).toBe(1);
    expect(await inFlight()).toBe(1);
  });

  it('knows its decision as written when every answer is lost, by reading the journal back', async () => {
    aws.faults.add({ service: 'dynamodb', action: 'TransactWriteItems', effect: 'lost-answer' });
    expect(await store.decide(assignment())).toEqual({ outcome: 'written' });
    expect(await inFlight()).toBe(1);
  });

  it('knows another writer as the winner when the answer to its own attempt was lost', async () => {
    await store.decide(assignment('observer-1'));
    aws.faults.add({ service: 'dynamodb', action: 'TransactWriteItems', effect: 'lost-answer', times: 1 });
    expect(await store.decide(assignment('observer-2'))).toMatchObject({ outcome: 'refused' });
    expect(await inFlight()).toBe(1);
  });

  it.each(['throttle', 'server-error', 'lost-answer'] as const)('decides in spite of %s', async (effect) => {
    aws.faults.add({ service: 'dynamodb', action: '*', effect, times: 2 });
    expect(await store.decide(assignment())).toEqual({ outcome: 'written' });
    expect(await inFlight()).toBe(1);
  });

  it('counts a close once when its answer was lost', async () => {
    await store.decide(assignment());
    await store.takeTransitionLease('main#1', 'one', 1, 2);
    aws.faults.add({ service: 'dynamodb', action: 'TransactWriteItems', effect: 'lost-answer', times: 1 });
    expect(await store.closeTransition('main#1', 'one', 'done', HOLDER_A, 3)).toBe(true);
    expect(await inFlight()).toBe(0);
  });

  it('takes an observer lease over once when the answer was lost', async () => {
    const lease = (owner: string) => ({
      zone: 'z1',
      owner,
      startedAtMs: 1,
      renewedAtMs: 1,
      untilMs: 9_000,
      codeVersion: 'c',
      topologyVersion: 't',
    });
    await store.takeObserverLease(lease('one'), () => false);
    aws.faults.add({ service: 'dynamodb', action: 'PutItem', effect: 'lost-answer', skip: 1, times: 1 });
    const answer = await store.takeObserverLease(lease('two'), (current) => current.owner === 'one');
    expect(answer).toEqual({ taken: true, current: lease('two') });
  });

  it('gives up inside its deadline when nothing answers, and says what to look at', async () => {
    aws.faults.add({ service: 'dynamodb', action: '*', effect: 'time-out' });
    const startedAtMs = performance.now();
    const failure = await store.readStanding('main', Date.now()).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(OutsideTimeout);
    expect(String(failure)).toContain(`dynamodb:GetItem on table ${tableName}`);
    expect(performance.now() - startedAtMs).toBeLessThan(5_000);
  });

  it('names the permission that is missing, at once', async () => {
    const fault = aws.faults.add({ service: 'dynamodb', action: 'PutItem', effect: 'refuse' });
    const failure = await store.putObservation(anObservation('fs-a', 'z1', 1), 1).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(OutsideRefused);
    expect(String(failure)).toContain('grant dynamodb:PutItem');
    expect(fault.hits).toBe(1);
  });

  it('makes every decision when many VIPs fail over at once and all count on one item', async () => {
    const nodes = Array.from({ length: 12 }, (_, index) => `fs-${index}`);
    const [someNode] = aTopology().nodes;
    const [someVip] = aTopology().vips;
    const wide = {
      ...aTopology(),
      nodes: nodes.map((id) => ({ ...someNode!, id })),
      vips: nodes.map((id) => ({ ...someVip!, id: `vip-${id}` })),
    };
    await store.putTopology(wide);
    await store.ensureItems(wide, { paused: false, reason: null, epochs: {}, atMs: 0 });

    const outcomes = await Promise.all(
      nodes.map((id) =>
        store.decide({
          ...assignment(),
          maxTransitionsInFlight: 100,
          transition: aTransition({ vipId: `vip-${id}`, epoch: 1, to: { ...HOLDER_B, nodeId: id } }),
        }),
      ),
    );

    expect(outcomes.every((each) => each.outcome === 'written')).toBe(true);
    expect(await inFlight()).toBe(12);
  });
});
