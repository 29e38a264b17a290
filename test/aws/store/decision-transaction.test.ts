import { DecisionWriter } from '../../../lib/aws/store/decision';
import { encodeTransition } from '../../../lib/aws/store/encode';
import type { DecisionWrite } from '../../../lib/domain/ports';
import { recordingTable } from '../../support/recording-table';
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
});
