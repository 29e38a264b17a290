/** The product's ledger, held against rows as FreeSWITCH writes and deletes them (FACTS 7.5). */
import type { CallsLedger } from '../../../lib/domain/model';
import {
  callsLost,
  ledgerOf,
  lookDue,
  nextLookAtMs,
  survivalPercent,
  withLook,
} from '../../../lib/operations/converge/calls-ledger';
import { Lab, type TestSwitch } from './switches';

const CALLS = 20;
const RECOVER = 'fsctl recover sofia:external-a';

let lab: Lab;
let one: TestSwitch;
let two: TestSwitch;

beforeEach(async () => {
  lab = new Lab();
  one = await lab.start('node-1');
  two = await lab.start('node-2');
  await lab.call(one, CALLS);
  one.kill();
});

/** Recovers on node 2 and takes every look when it is due; `between` is what happens after the first one. */
async function recoverAndCount(between: () => void = () => undefined): Promise<CallsLedger[]> {
  const plan = lab.tables.recovery.map(({ uuid, metadata }) => ({
    uuid,
    partner: /<bridge_to>([^<]*)</.exec(metadata)?.[1],
  }));
  const ownSessions = two.system.calls.sessions;
  await lab.order(two, RECOVER);
  const counted = { connectionOriented: 0, movedAside: 0, stayed: null, ownSessions, notes: [], proof: '' };
  const before = { calls: CALLS, legs: plan.length };
  const ledgers = [ledgerOf({ recovered: true, before, ...counted }, plan.length, lab.time.wallMs())];
  for (;;) {
    const ledger = ledgers.at(-1);
    const atMs = ledger === undefined ? null : nextLookAtMs(ledger, lab.time.wallMs());
    if (ledger === undefined || atMs === null) return ledgers;
    await lab.pass(atMs - lab.time.wallMs());
    const rows = new Set(
      lab.tables.recovery.flatMap((row) => (row.runtimeUuid === two.system.coreUuid ? [row.uuid] : [])),
    );
    const whole = plan.filter(({ uuid, partner }) => rows.has(uuid) && rows.has(partner ?? uuid));
    const alive = { calls: whole.length / 2, legs: plan.filter(({ uuid }) => rows.has(uuid)).length };
    const { sessions } = two.system.calls;
    const look: Parameters<typeof withLook>[1] = {
      known: true,
      alive,
      planned: null,
      sessions,
      unregisteredGateways: [],
    };
    ledgers.push(withLook(ledger, look, lookDue(ledger, lab.time.wallMs())));
    if (ledgers.length === 2) between();
  }
}

describe('calls that were rebuilt', () => {
  it('and whose peers answer are confirmed, every one', async () => {
    const [, first, second, last] = await recoverAndCount();

    expect([first?.aliveAfter5s, second?.aliveAfter30s, last?.confirmed]).toEqual([CALLS, CALLS, CALLS]);
    expect(last?.lost).toEqual([]);
  });

  it('with no way back for the answers look alive for half a minute, and are counted as lost in the end', async () => {
    two.faults.noReturnPath = true;

    const [, first, second, last] = await recoverAndCount();

    expect([first?.aliveAfter5s, second?.aliveAfter30s]).toEqual([CALLS, CALLS]);
    expect([first, second].map((ledger) => ledger && survivalPercent(ledger))).toEqual([null, null]);
    expect(last).toMatchObject({ confirmed: 0, lost: [{ reason: 'not-rebuilt', count: CALLS }] });
    expect(last && [survivalPercent(last), callsLost(last)]).toEqual([0, CALLS]);
  });

  it('and are hung up by their parties are no loss', async () => {
    const ledgers = await recoverAndCount(() => two.system.calls.endCalls(3));

    const last = ledgers.at(-1);
    expect(last).toMatchObject({ confirmed: CALLS - 3, lost: [{ reason: 'ended', count: 3 }] });
    expect(last && survivalPercent(last)).toBe(100);
  });

  it('are not made more by callers who dial again', async () => {
    two.faults.noReturnPath = true;

    const ledgers = await recoverAndCount(() => {
      two.system.calls.place(CALLS, { profile: 'external-a', kind: 'bridged', peer: 'well', ageMs: 0 });
    });

    expect(ledgers.at(-1)).toMatchObject({ confirmed: 0, lost: [{ reason: 'not-rebuilt', count: CALLS }] });
  });
});
