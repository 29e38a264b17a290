/** The conditions under which evidence is written, as they are sent; what they mean is shown on the local AWS. */
import { Evidence } from '../../../lib/aws/store/evidence';
import { encodeLease } from '../../../lib/aws/store/encode';
import type { ObserverLease } from '../../../lib/domain/model';
import { CLOCKS_APART_MS } from '../../../lib/domain/voters';
import { conditionFailed, recordingTable } from '../../support/recording-table';
import { anObservation } from '../../support/store-fixtures';

describe('a look', () => {
  it('is written over none, over one that is not newer, and over one that a wrong clock dated ahead', async () => {
    const { table, sent } = recordingTable();

    await new Evidence(table).putObservation(anObservation('fs-a', 'z1', 7_000), 8_000);

    expect(sent.writes).toEqual([
      {
        kind: 'put',
        key: 'live / obs#fs-a#z1',
        condition: 'attribute_not_exists(#pk) OR #observedAtMs <= :at OR #observedAtMs > :latest',
        values: { at: 7_000, latest: 8_000 + CLOCKS_APART_MS },
      },
    ]);
  });
});

describe('the state of an instance', () => {
  const state = { nodeId: 'fs-a', state: 'running', atMs: 7 };

  it('is written over none, and over one that is not newer', async () => {
    const { table, sent } = recordingTable();
    await new Evidence(table).putInstance(state);
    expect(sent.writes).toEqual([
      {
        kind: 'put',
        key: 'live / instance#fs-a',
        condition: 'attribute_not_exists(#pk) OR #atMs <= :at',
        values: { at: 7 },
      },
    ]);
  });

  it('that takes another back is written over that one only, and not where it is newer', async () => {
    const { table, sent } = recordingTable();
    await new Evidence(table).putInstance(state, 'impaired');
    expect(sent.writes).toEqual([
      {
        kind: 'put',
        key: 'live / instance#fs-a',
        condition: '#state = :inPlaceOf AND #atMs <= :at',
        values: { at: 7, inPlaceOf: 'impaired' },
      },
    ]);
  });
});

describe('the lease of a zone', () => {
  const lease = (owner: string, renewedAtMs: number): ObserverLease => ({
    zone: 'z1',
    owner,
    startedAtMs: 1,
    renewedAtMs,
    untilMs: renewedAtMs + 3_000,
    codeVersion: 'c1',
    topologyVersion: 't1',
  });
  const INCUMBENT = lease('incumbent', 10);
  const OURS = lease('me', 20);
  const FREE = {
    kind: 'put',
    key: 'live / lease#z1',
    condition: 'attribute_not_exists(#pk) OR #owner = :owner OR #untilMs <= :now',
    values: { owner: 'me', now: 20 },
  };
  const AS_READ = {
    kind: 'put',
    key: 'live / lease#z1',
    condition: '#owner = :owner OR (#owner = :readOwner AND #renewedAtMs = :readRenewedAt)',
    values: { owner: 'me', readOwner: 'incumbent', readRenewedAt: 10 },
  };
  const held = conditionFailed(encodeLease(INCUMBENT));

  it('is taken where there is none, it is ours, or it ran out', async () => {
    const { table, sent } = recordingTable();
    const answer = await new Evidence(table).takeLease(OURS, () => false);
    expect(answer).toEqual({ taken: true, current: OURS });
    expect(sent.writes).toEqual([FREE]);
  });

  it('that lives stays with its owner for who may not take it', async () => {
    const { table, sent } = recordingTable([], { answers: [held] });
    const answer = await new Evidence(table).takeLease(OURS, () => false);
    expect(answer).toEqual({ taken: false, current: INCUMBENT });
    expect(sent.writes).toEqual([FREE]);
  });

  it('that lives is taken as it was read by who may, or is ours by a first answer that was lost', async () => {
    const { table, sent } = recordingTable([], { answers: [held] });
    const answer = await new Evidence(table).takeLease(OURS, ({ owner }) => owner === 'incumbent');
    expect(answer).toEqual({ taken: true, current: OURS });
    expect(sent.writes).toEqual([FREE, AS_READ]);
  });

  it('that another took first is not taken', async () => {
    const winner = lease('winner', 19);
    const { table } = recordingTable([], { answers: [held, conditionFailed(encodeLease(winner))] });
    const answer = await new Evidence(table).takeLease(OURS, () => true);
    expect(answer).toEqual({ taken: false, current: winner });
  });
});
