/** What node-control can say of a switchover beforehand, and what it says where it cannot. */
import { DatabaseAway, DatabaseRefused, OutsideRefused, OutsideTimeout } from '../../lib/domain/errors';
import type { CallDatabase, CallSwitch, Forecast, SwitchState } from '../../lib/domain/ports';
import { forecastCalls } from '../../lib/operations/forecast-calls';
import { topologyOf } from '../support/cluster';

const STATE: SwitchState = {
  coreUuid: 'uuid-fs-b',
  paused: { inbound: false, outbound: false },
  sessions: 6,
  clockOffsetMs: 0,
};
const COUNT = { calls: 2, legs: 4, connectionOriented: 1 };

interface Outcomes {
  nodeFails?: Error;
  databaseFails?: Error;
  hasDatabase?: boolean;
}

function forecast({ nodeFails, databaseFails, hasDatabase = true }: Outcomes = {}): Promise<Forecast> {
  const { nodes, vips } = topologyOf(2);
  const orFails = <T>(value: T, failure?: Error): Promise<T> =>
    failure === undefined ? Promise.resolve(value) : Promise.reject(failure);
  const switches = { state: () => orFails(STATE, nodeFails) } as unknown as CallSwitch;
  const database = { countCalls: () => orFails(COUNT, databaseFails) } as unknown as CallDatabase;
  const clock = { monotonicMs: () => 0, sleep: () => Promise.resolve() };
  return forecastCalls(
    { switches, database: hasDatabase ? database : null, clock },
    nodes[1]!,
    vips.slice(0, 1),
    3_000,
  );
}

const UNKNOWN = { nodeId: 'fs-b', vips: [], unanswered: null };

describe('a forecast', () => {
  it('is of rows, and of the sessions that have none yet', async () => {
    expect(await forecast()).toEqual({
      ...{ nodeId: 'fs-b', sessions: 6, unanswered: 2, unknown: [] },
      vips: [{ vipId: topologyOf(2).vips[0]!.id, calls: 2, connectionOriented: 1 }],
    });
  });

  it.each([
    ['is silent, which it may not be in another zone', new OutsideTimeout('no answer'), { unreached: true }],
    ['refuses, as it does in every zone', new OutsideRefused('no core_uuid'), {}],
  ])('knows nothing of a node that %s', async (_words, nodeFails, told) => {
    expect(await forecast({ nodeFails })).toEqual({
      ...{ ...UNKNOWN, sessions: null, ...told },
      unknown: [expect.stringMatching(/^sessions of fs-b: /)],
    });
  });

  it.each([
    ['is away, which it may not be in another zone', new DatabaseAway('no answer'), { unreached: true }],
    ['refuses, as it does in every zone', new DatabaseRefused('no such table'), {}],
  ])('knows the sessions alone where the database %s', async (_words, databaseFails, told) => {
    expect(await forecast({ databaseFails })).toEqual({
      ...{ ...UNKNOWN, sessions: 6, ...told },
      unknown: [expect.stringMatching(/^rows: /)],
    });
  });

  it('without a database is the same in every zone', async () => {
    expect(await forecast({ hasDatabase: false })).toEqual({
      ...{ ...UNKNOWN, sessions: 6 },
      unknown: [expect.stringContaining('no database')],
    });
  });
});
