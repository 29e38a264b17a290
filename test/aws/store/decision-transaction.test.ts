import { DecisionWriter } from '../../../lib/aws/store/decision';
import { encodeTransition } from '../../../lib/aws/store/encode';
import type { DecisionWrite } from '../../../lib/domain/ports';
import { recordingTable, type SentWrite } from '../../support/recording-table';
import { aTransition } from '../../support/store-fixtures';

const to = { nodeId: 'fs-b', coreUuid: null };
const DEAD_TARGET = aTransition({ vipId: 'main', epoch: 7, to: { nodeId: 'fs-c', coreUuid: null } });
const FIRST: DecisionWrite = {
  transition: aTransition({ vipId: 'main', epoch: 8, to }),
  expectedEpoch: 7,
  startsBlock: true,
  maxVipsPerNode: 2,
  maxTransitionsInFlight: 3,
  supersedes: null,
};

/** The condition of each item of the transaction that is sent; what the conditions mean is shown on the local AWS. */
async function conditionsOf(write: DecisionWrite): Promise<(string | undefined)[]> {
  const { table, sent } = recordingTable([encodeTransition(DEAD_TARGET)]);
  expect(await new DecisionWriter(table).decide(write)).toEqual({ outcome: 'written' });
  return sent.writes.map(({ condition }) => condition);
}

async function updatesOf(write: DecisionWrite): Promise<Record<'control' | 'vip' | 'node', SentWrite | undefined>> {
  const { table, sent } = recordingTable();
  await new DecisionWriter(table).decide(write);
  const [control, vip, node] = sent.writes;
  return { control, vip, node };
}

const NOT_PAUSED = '(#paused = :notPaused OR #pausedUntilMs <= :decidedAt)';
const IN_SERVICE = '(attribute_not_exists(#lockedBy) OR contains(#claims, :vipId))';
const FREE = '(attribute_not_exists(#claims) OR size(#claims) < :maxVips OR contains(#claims, :vipId))';
const ABSENT = 'attribute_not_exists(#pk)';

describe('the transaction of a decision', () => {
  it('is conditioned on cluster, VIP, candidate, its own journal and the one before', async () => {
    expect(await conditionsOf(FIRST)).toEqual([
      `${NOT_PAUSED} AND #transitionsInFlight < :cap`,
      `#epoch = :expectedEpoch AND ${NOT_PAUSED}`,
      `${NOT_PAUSED} AND ${IN_SERVICE} AND ${FREE}`,
      ABSENT,
      `(${ABSENT} OR #status <> :open)`,
    ]);
  });

  it('of a retargeting asks for no place under the cap, and for the journal that it replaces', async () => {
    expect(await conditionsOf({ ...FIRST, supersedes: DEAD_TARGET.id })).toEqual([
      NOT_PAUSED,
      `#epoch = :expectedEpoch AND ${NOT_PAUSED}`,
      `${NOT_PAUSED} AND ${IN_SERVICE} AND ${FREE}`,
      ABSENT,
      '#status = :open',
      undefined,
    ]);
  });

  it('asks for none of the journals before where there is none', async () => {
    const first = { ...FIRST, transition: aTransition({ vipId: 'main', epoch: 1, to }), expectedEpoch: 0 };
    expect(await conditionsOf(first)).toHaveLength(4);
  });

  it('counts up, moves the VIP, remembers the failover and claims the candidate', async () => {
    const { control, vip, node } = await updatesOf(FIRST);
    const at = FIRST.transition.decidedAtMs;
    expect(control?.update).toBe('ADD #transitionsInFlight :one');
    expect(control?.values).toMatchObject({ one: 1, cap: 3, notPaused: false, decidedAt: at });
    expect(vip?.update).toBe(
      'SET #epoch = :epoch, #status = :status, #holderNode = :holderNode, #changedAtMs = :changedAtMs, ' +
        '#lastAutomaticFailoverAtMs = :lastAutomaticFailoverAtMs, #recentFailoversAtMs = :recentFailoversAtMs ' +
        'REMOVE #holderCoreUuid',
    );
    expect(vip?.values).toMatchObject({
      expectedEpoch: 7,
      epoch: 8,
      status: 'moving',
      holderNode: 'fs-b',
      changedAtMs: at,
      lastAutomaticFailoverAtMs: at,
      recentFailoversAtMs: JSON.stringify([at]),
    });
    expect(node?.update).toBe('ADD #claims :claim');
    expect(node?.values).toMatchObject({ claim: ['main'], maxVips: 2, vipId: 'main' });
  });

  it('remembers what fell with its failover', async () => {
    const { vip } = await updatesOf({ ...FIRST, event: 'zone us-east-1a' });
    expect(vip?.update).toContain('#failoverEvents = :failoverEvents');
    const failoverEvents = JSON.stringify({ [FIRST.transition.decidedAtMs]: 'zone us-east-1a' });
    expect(vip?.values).toMatchObject({ failoverEvents });
  });

  it('remembers no failover of what starts no block, and the incarnation that is known', async () => {
    const known = { nodeId: 'fs-b', coreUuid: 'uuid-b' };
    const transition = aTransition({ vipId: 'main', epoch: 8, to: known });
    const { vip } = await updatesOf({ ...FIRST, transition, startsBlock: false });
    expect(vip?.update).toBe(
      'SET #epoch = :epoch, #status = :status, #holderNode = :holderNode, #changedAtMs = :changedAtMs, ' +
        '#holderCoreUuid = :holderCoreUuid',
    );
  });

  it('of a retargeting closes the journal that it replaces as it was read, and frees the candidate that died', async () => {
    const { table, sent } = recordingTable([encodeTransition(DEAD_TARGET)]);

    await new DecisionWriter(table).decide({ ...FIRST, supersedes: DEAD_TARGET.id });

    expect(sent.reads).toEqual([{ key: 'vip#main / epoch#000000000007', consistent: true }]);
    expect(sent.writes.slice(4)).toEqual([
      {
        kind: 'update',
        key: 'vip#main / epoch#000000000007',
        condition: '#status = :open',
        update: 'SET #status = :superseded, #closedAtMs = :now, #ttl = :ttl REMOVE #leaseOwner, #leaseUntilMs',
        values: expect.objectContaining({ open: 'open', now: FIRST.transition.decidedAtMs }) as unknown,
      },
      { kind: 'update', key: 'live / node#fs-c', update: 'DELETE #claims :claim', values: { claim: ['main'] } },
    ]);
  });

  it.each([
    ['that it goes to again: one item is written once', { to }],
    ['that held the VIP before, which is not fenced', { from: DEAD_TARGET.to, to: DEAD_TARGET.to }],
  ])('of a retargeting frees no node %s', async (_which, over) => {
    const { table, sent } = recordingTable([encodeTransition({ ...DEAD_TARGET, ...over })]);
    await new DecisionWriter(table).decide({ ...FIRST, supersedes: DEAD_TARGET.id });
    expect(sent.writes).toHaveLength(5);
  });
});

describe('a decision', () => {
  it('that does not follow the epoch it read is not sent', async () => {
    const { table, sent } = recordingTable();
    await expect(new DecisionWriter(table).decide({ ...FIRST, expectedEpoch: 6 })).rejects.toBeInstanceOf(RangeError);
    expect(sent.writes).toEqual([]);
  });

  it('that would replace a journal that is not there is refused', async () => {
    const { table, sent } = recordingTable();
    const outcome = await new DecisionWriter(table).decide({ ...FIRST, supersedes: DEAD_TARGET.id });
    expect(outcome).toEqual({ outcome: 'refused', clauses: ['superseded-journal-open'] });
    expect(sent.writes).toEqual([]);
  });

  it('has a token of its own: the same again, and another for another writer or content', async () => {
    const { table, sent } = recordingTable();
    const byAnother = { ...FIRST, transition: { ...FIRST.transition, decidedBy: 'observer-2' } };
    const ofOtherContent = { ...FIRST, maxTransitionsInFlight: 4 };

    for (const write of [FIRST, FIRST, byAnother, ofOtherContent]) await new DecisionWriter(table).decide(write);

    const [first, again, ...others] = sent.tokens;
    expect(first).toMatch(/^[0-9a-f]{36}$/);
    expect(again).toBe(first);
    expect(new Set([first, ...others]).size).toBe(3);
  });
});
