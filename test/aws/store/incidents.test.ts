/** The conditions under which incidents are written, as they are sent; what they mean is shown on the local AWS. */
import { INCIDENT_KINDS } from '../../../lib/aws/store/decode';
import { encodeIncident } from '../../../lib/aws/store/encode';
import { Incidents } from '../../../lib/aws/store/incidents';
import type { StoredIncident } from '../../../lib/domain/model';
import { conditionFailed, recordingTable } from '../../support/recording-table';

const incident = (over: Partial<StoredIncident> = {}): StoredIncident => ({
  kind: 'no-candidate',
  vipId: 'main',
  nodeId: null,
  epoch: 3,
  reasons: ['none is fit'],
  atMs: 7,
  notifiedAtMs: null,
  overAtMs: null,
  untoldSinceMs: null,
  ...over,
});
const KEY = 'incident#no-candidate / main';
const { atMs: _, ...damaged } = encodeIncident(incident());

function given(...[items, behaviour]: Parameters<typeof recordingTable>) {
  const { table, log, sent } = recordingTable(items, behaviour);
  return { incidents: new Incidents(table, log), sent };
}

describe('an incident', () => {
  it('is raised where none stands, or one of an earlier epoch', async () => {
    const { incidents, sent } = given();
    expect(await incidents.raise(incident())).toBe(true);
    const condition = 'attribute_not_exists(#pk) OR (#epoch < :epoch AND attribute_not_exists(#overAtMs))';
    expect(sent.writes).toEqual([{ kind: 'put', key: KEY, condition, values: { epoch: 3 } }]);
  });

  it('without an epoch is raised where none stands', async () => {
    const { incidents, sent } = given();
    await incidents.raise(incident({ epoch: null }));
    expect(sent.writes).toEqual([{ kind: 'put', key: KEY, condition: 'attribute_not_exists(#pk)', values: {} }]);
  });

  it('that stands already is no news', async () => {
    const { incidents, sent } = given([], { answers: [conditionFailed(encodeIncident(incident()))] });
    expect(await incidents.raise(incident({ atMs: 8 }))).toBe(false);
    expect(sent.writes).toHaveLength(1);
  });

  const over = incident({ overAtMs: 60_007 });

  it('is raised in place of one that is over, and says since when nobody was told', async () => {
    const { incidents, sent } = given([], { answers: [conditionFailed(encodeIncident(over))] });

    expect(await incidents.raise(incident({ atMs: 70_000 }))).toBe(true);

    const condition = '#atMs = :at AND attribute_exists(#overAtMs)';
    expect(sent.writes[1]).toEqual({ kind: 'put', key: KEY, condition, values: { at: 7 } });
    expect(sent.items[1]).toEqual(encodeIncident(incident({ atMs: 70_000, untoldSinceMs: 7 })));
  });

  it('is no news where somebody else was quicker to raise it anew', async () => {
    const { incidents } = given([], { answers: [conditionFailed(encodeIncident(over)), conditionFailed()] });

    expect(await incidents.raise(incident({ atMs: 70_000 }))).toBe(false);
  });

  it('says nothing of one that a version before it told as if it lasted', async () => {
    const told = incident({ overAtMs: 60_007, notifiedAtMs: 60_009 });
    const { incidents, sent } = given([], { answers: [conditionFailed(encodeIncident(told))] });

    await incidents.raise(incident({ atMs: 70_000 }));

    expect(sent.items[1]).toEqual(encodeIncident(incident({ atMs: 70_000 })));
  });

  it('is no news in place of one that cannot be read', async () => {
    const { incidents } = given([], { answers: [conditionFailed(damaged)] });

    expect(await incidents.raise(incident())).toBe(false);
  });

  it('of any kind is told while nobody marked it as told', async () => {
    const { incidents, sent } = given([encodeIncident(incident())]);

    expect(await incidents.listUnnotified()).toEqual([incident()]);

    const filter = 'attribute_not_exists(#notifiedAtMs)';
    expect(sent.reads).toEqual(
      INCIDENT_KINDS.map((kind) => ({ key: `incident#${kind} / *`, consistent: true, filter })),
    );
  });

  it('of a version that told none when it was over lasts', async () => {
    const { overAtMs: _, untoldSinceMs: __, ...old } = encodeIncident(incident());

    expect(await given([old]).incidents.listUnnotified()).toEqual([incident()]);
  });

  it('is marked as told where it is still the one that was', async () => {
    const { incidents, sent } = given();
    await incidents.markNotified(incident(), 9);
    expect(sent.writes).toEqual([
      {
        kind: 'update',
        key: KEY,
        condition: '#atMs = :at',
        update: 'SET #notifiedAtMs = :now',
        values: { now: 9, at: 7 },
      },
    ]);
  });

  it('that does not stand costs a read, and no write, when it is cleared', async () => {
    const { incidents, sent } = given();

    await incidents.clear('no-candidate', 'main', 60_007);

    expect(sent.reads).toEqual([{ key: KEY, consistent: true }]);
    expect(sent.writes).toEqual([]);
  });

  it('that ends is forgotten where somebody was told, or where it was a moment', async () => {
    const { incidents, sent } = given([encodeIncident(incident())]);

    await incidents.clear('no-candidate', 'main', 60_007);

    const moment = '(#atMs > :momentAgo AND attribute_not_exists(#untoldSinceMs))';
    const condition = `attribute_not_exists(#pk) OR attribute_exists(#notifiedAtMs) OR ${moment}`;
    expect(sent.writes).toEqual([{ kind: 'delete', key: KEY, condition, values: { momentAgo: 30_007 } }]);
  });

  it('that ends untold is over from then on', async () => {
    const { incidents, sent } = given([encodeIncident(incident())], {
      answers: [conditionFailed(encodeIncident(incident()))],
    });

    await incidents.clear('no-candidate', 'main', 60_007);

    expect(sent.writes[1]).toEqual({
      kind: 'update',
      key: KEY,
      update: 'SET #overAtMs = :now',
      condition: '#atMs = :at AND attribute_not_exists(#notifiedAtMs)',
      values: { now: 60_007, at: 7 },
    });
  });

  it('is over since it ended first', async () => {
    const { incidents, sent } = given([encodeIncident(over)], { answers: [conditionFailed(encodeIncident(over))] });
    await incidents.clear('no-candidate', 'main', 120_007);
    expect(sent.writes).toHaveLength(1);
  });

  it('that cannot be read is forgotten when it ends: it could not be told, either', async () => {
    const { incidents, sent } = given([damaged], { answers: [conditionFailed(damaged)] });
    await incidents.clear('no-candidate', 'main', 60_007);
    expect(sent.writes[1]).toEqual({ kind: 'delete', key: KEY, values: {} });
  });
});

it('the audit trail has an event once, however often it is sent, and others of the same moment beside it', async () => {
  const { incidents, sent } = given();
  const event = { atMs: 0, actor: 'operator', action: 'pause', subject: 'cluster', detail: 'new disk' };

  for (const each of [event, event, { ...event, action: 'resume' }]) await incidents.audit(each);

  const [first, again, other] = sent.writes.map(({ key }) => key);
  expect(first).toMatch(/^audit \/ 1970-01-01T00:00:00.000Z#[0-9a-f]+$/);
  expect(again).toBe(first);
  expect(other).not.toBe(first);
});
