/** The conditions under which an epoch is raised, as they are sent; what they mean is shown on the local AWS. */
import { Adoption } from '../../../lib/aws/store/adoption';
import { encodeTransition, encodeVip } from '../../../lib/aws/store/encode';
import { NotRegistered, OutsideTimeout } from '../../../lib/domain/errors';
import type { Transition } from '../../../lib/domain/model';
import { newVip } from '../../../lib/domain/store-rules';
import { cancelled, FAILED, recordingTable } from '../../support/recording-table';
import { aTransition } from '../../support/store-fixtures';

const VIP = encodeVip(newVip('main', 3, 0));
const REFUSED = cancelled([FAILED]);
const journal = (status: Transition['status']) =>
  encodeTransition(aTransition({ vipId: 'main', epoch: 3, to: { nodeId: 'fs-b', coreUuid: null }, status }));

const RAISED = {
  kind: 'update',
  key: 'live / vip#main',
  condition: '#epoch = :read',
  update: 'SET #epoch = :epoch, #status = :unassigned, #changedAtMs = :now REMOVE #holderNode, #holderCoreUuid',
  values: { read: 3, epoch: 8, unassigned: 'unassigned', now: 5_000 },
};

describe('an epoch that is behind the world', () => {
  it('is raised over the one that was read, and the holder forgotten', async () => {
    const { table, sent } = recordingTable([VIP]);

    await new Adoption(table).adoptEpoch('main', 8, 5_000);

    expect(sent.writes).toEqual([RAISED]);
    expect(sent.reads).toEqual([
      { key: 'live / vip#main', consistent: true },
      { key: 'vip#main / epoch#000000000003', consistent: true },
    ]);
  });

  it('takes the transition with it that is open, and counts it down', async () => {
    const { table, sent } = recordingTable([VIP, journal('open')]);

    await new Adoption(table).adoptEpoch('main', 8, 5_000);

    expect(sent.writes).toEqual([
      RAISED,
      {
        kind: 'update',
        key: 'vip#main / epoch#000000000003',
        condition: '#status = :open',
        update: 'SET #status = :superseded, #closedAtMs = :now, #ttl = :ttl REMOVE #leaseOwner, #leaseUntilMs',
        values: expect.objectContaining({ open: 'open', superseded: 'superseded', now: 5_000 }) as unknown,
      },
      {
        kind: 'update',
        key: 'live / control',
        update: 'ADD #transitionsInFlight :minusOne',
        values: { minusOne: -1 },
      },
    ]);
  });

  it.each(['done', 'stuck', 'superseded'] as const)('leaves a transition alone that is %s', async (status) => {
    const { table, sent } = recordingTable([VIP, journal(status)]);
    await new Adoption(table).adoptEpoch('main', 8, 5_000);
    expect(sent.writes).toEqual([RAISED]);
  });

  it('is read and raised again when another writer came first', async () => {
    const { table, sent } = recordingTable([VIP], { answers: [REFUSED] });
    await new Adoption(table).adoptEpoch('main', 8, 5_000);
    expect(sent.writes).toEqual([RAISED, RAISED]);
  });

  it('says so when another writer always came first', async () => {
    const { table } = recordingTable([VIP], { answers: [REFUSED, REFUSED, REFUSED] });
    await expect(new Adoption(table).adoptEpoch('main', 8, 5_000)).rejects.toBeInstanceOf(OutsideTimeout);
  });
});

it.each([3, 2])('an epoch that is not behind the world is left as it is: 3 for %d', async (epoch) => {
  const { table, sent } = recordingTable([VIP, journal('open')]);
  await new Adoption(table).adoptEpoch('main', epoch, 5_000);
  expect(sent.writes).toEqual([]);
});

it('a VIP that the table does not have is refused', async () => {
  const { table } = recordingTable([]);
  await expect(new Adoption(table).adoptEpoch('main', 8, 5_000)).rejects.toBeInstanceOf(NotRegistered);
});
