/** The conditions under which incidents are written, as they are sent; what they mean is shown on the local AWS. */
import { INCIDENT_KINDS } from '../../../lib/aws/store/decode';
import { encodeIncident } from '../../../lib/aws/store/encode';
import { Incidents } from '../../../lib/aws/store/incidents';
import type { Incident } from '../../../lib/domain/model';
import { conditionFailed, recordingTable } from '../../support/recording-table';

const incident = (over: Partial<Incident> = {}): Incident => ({
  kind: 'no-candidate',
  vipId: 'main',
  nodeId: null,
  epoch: 3,
  reasons: ['none is fit'],
  atMs: 7,
  notifiedAtMs: null,
  ...over,
});
const KEY = 'incident#no-candidate / main';

function given(...[items, behaviour]: Parameters<typeof recordingTable>) {
  const { table, log, sent } = recordingTable(items, behaviour);
  return { incidents: new Incidents(table, log), sent };
}

describe('an incident', () => {
  it('is raised where none stands, or one of an earlier epoch', async () => {
    const { incidents, sent } = given();
    expect(await incidents.raise(incident())).toBe(true);
    const condition = 'attribute_not_exists(#pk) OR #epoch < :epoch';
    expect(sent.writes).toEqual([{ kind: 'put', key: KEY, condition, values: { epoch: 3 } }]);
  });

  it('without an epoch is raised where none stands', async () => {
    const { incidents, sent } = given();
    await incidents.raise(incident({ epoch: null }));
    expect(sent.writes).toEqual([{ kind: 'put', key: KEY, condition: 'attribute_not_exists(#pk)', values: {} }]);
  });

  it('that stands already is no news', async () => {
    const { incidents } = given([], { answers: [conditionFailed(encodeIncident(incident()))] });
    expect(await incidents.raise(incident({ atMs: 8 }))).toBe(false);
  });

  it('of any kind is told while nobody marked it as told', async () => {
    const { incidents, sent } = given([encodeIncident(incident())]);

    expect(await incidents.listUnnotified()).toEqual([incident()]);

    const filter = 'attribute_not_exists(#notifiedAtMs)';
    expect(sent.reads).toEqual(
      INCIDENT_KINDS.map((kind) => ({ key: `incident#${kind} / *`, consistent: true, filter })),
    );
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
