/** One item that cannot be read takes nothing with it but itself; what the store itself says is thrown as ever. */
import type { Item } from '../../../lib/aws/store/attributes';
import { ClusterItems } from '../../../lib/aws/store/cluster';
import {
  encodeControl,
  encodeIncident,
  encodeNode,
  encodeTopology,
  encodeTransition,
  encodeVip,
} from '../../../lib/aws/store/encode';
import { Incidents } from '../../../lib/aws/store/incidents';
import { Journals } from '../../../lib/aws/store/journals';
import { readableOf } from '../../../lib/aws/store/readable';
import { MalformedItem, OutsideRefused } from '../../../lib/domain/errors';
import type { StoredIncident, VipState } from '../../../lib/domain/model';
import { newControl, newNode, newVip } from '../../../lib/domain/store-rules';
import { recordingTable } from '../../support/recording-table';
import { aTopology, aTransition } from '../../support/store-fixtures';

const without = (item: Item, name: string): Item =>
  Object.fromEntries(Object.entries(item).filter(([each]) => each !== name));

const refusal = (at: string) => (key: string) => {
  if (key === at) throw Object.assign(new Error('no'), { name: 'AccessDeniedException' });
};

describe('the journals to work on', () => {
  const vip = (vipId: string): VipState => ({ ...newVip(vipId, 3, 0), status: 'moving' });
  const journal = (vipId: string): Item =>
    encodeTransition(aTransition({ vipId, epoch: 3, to: { nodeId: 'fs-b', coreUuid: null } }));
  // As an attribute of its own, which wins over what the body says.
  const ofNewerVersion: Item = { ...journal('main'), cause: { S: 'meteorite' } };

  it('are all but the one of a cause that this version does not know', async () => {
    const vips = [encodeVip(vip('main')), encodeVip(vip('second'))];
    const { table, log, said } = recordingTable([...vips, ofNewerVersion, journal('second')]);

    const found = await new Journals(table, log).listUnfinished();

    expect(found.map(({ id }) => id)).toEqual(['second#3']);
    expect(said).toEqual([expect.stringContaining('vip#main / epoch#000000000003')]);
  });

  it('are all but those of a VIP whose item cannot be read', async () => {
    const damaged = without(encodeVip(vip('main')), 'epoch');
    const { table, log, said } = recordingTable([
      damaged,
      encodeVip(vip('second')),
      journal('main'),
      journal('second'),
    ]);

    const found = await new Journals(table, log).listUnfinished();

    expect(found.map(({ id }) => id)).toEqual(['second#3']);
    expect(said).toEqual([expect.stringContaining('live / vip#main')]);
  });

  it('cannot be told when the store does not answer for one of them', async () => {
    const vips = [encodeVip(vip('main')), encodeVip(vip('second'))];
    const { table, log } = recordingTable([...vips, journal('second')], {
      refuse: refusal('vip#main/epoch#000000000003'),
    });

    await expect(new Journals(table, log).listUnfinished()).rejects.toBeInstanceOf(OutsideRefused);
  });
});

it('a journal is closed beside the damaged item of a node, which keeps its claim', async () => {
  const to = { nodeId: 'fs-b', coreUuid: null };
  const lease = { owner: 'me', untilMs: 9 };
  const node: Item = { ...encodeNode(newNode('fs-gone')), lockedBy: { N: '7' } };
  const journal = encodeTransition(aTransition({ vipId: 'main', epoch: 3, to, lease }));
  const { table, log, said } = recordingTable([encodeVip(newVip('main', 3, 0)), node, journal]);

  expect(await new Journals(table, log).close('main#3', 'me', 'done', to, 5)).toBe(true);
  expect(said).toEqual([expect.stringContaining('live / node#fs-gone')]);
});

describe('the incidents to tell', () => {
  const incident = (vipId: string): StoredIncident => ({
    kind: 'no-candidate',
    vipId,
    nodeId: null,
    epoch: 3,
    reasons: ['none is fit'],
    atMs: 1,
    notifiedAtMs: null,
    overAtMs: null,
    untoldSinceMs: null,
  });

  it('are all but the one that does not say when it was', async () => {
    const damaged = without(encodeIncident(incident('main')), 'atMs');
    const { table, log, said } = recordingTable([damaged, encodeIncident(incident('second'))]);

    const found = await new Incidents(table, log).listUnnotified();

    expect(found.map(({ vipId }) => vipId)).toEqual(['second']);
    expect(said).toEqual([expect.stringContaining('incident#no-candidate / main')]);
  });

  it('cannot be told when the store does not answer for one kind', async () => {
    const { table, log } = recordingTable([encodeIncident(incident('main'))], { refuse: refusal('incident#blocked') });

    await expect(new Incidents(table, log).listUnnotified()).rejects.toBeInstanceOf(OutsideRefused);
  });
});

describe('the cluster', () => {
  const topology = aTopology();
  const whole = [
    encodeTopology(topology),
    encodeControl(newControl(false, null)),
    ...topology.nodes.map(({ id }) => encodeNode(newNode(id))),
    ...topology.vips.map(({ id }) => encodeVip(newVip(id, 3, 0))),
  ];

  it('is read beside damaged items of a node and a VIP that are not part of it any more', async () => {
    const vip = without(encodeVip(newVip('gone', 3, 0)), 'epoch');
    const node: Item = { ...encodeNode(newNode('fs-gone')), lockedBy: { N: '7' } };
    const { table, log } = recordingTable([...whole, vip, node]);

    const { nodes, vips } = await new ClusterItems(table, log).read();

    expect(nodes.map(({ nodeId }) => nodeId)).toEqual(['fs-a', 'fs-b', 'fs-c']);
    expect(vips.map(({ vipId }) => vipId)).toEqual(['main', 'second']);
  });

  it('is not read when one of its own VIPs cannot be: nobody guesses an epoch', async () => {
    const damaged = whole.map((item) => (item['sk']?.S === 'vip#main' ? without(item, 'epoch') : item));
    const { table, log } = recordingTable(damaged);

    await expect(new ClusterItems(table, log).read()).rejects.toBeInstanceOf(MalformedItem);
  });
});

it('what fails for another reason than a damaged item is thrown: it is a bug, and hides nothing', () => {
  const { log } = recordingTable();
  const buggy = (): never => {
    throw new TypeError('no function');
  };
  expect(() => readableOf([{ pk: 'live', sk: 'x' }], buggy, log, 'left out')).toThrow(TypeError);
});
