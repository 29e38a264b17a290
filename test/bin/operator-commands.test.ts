import type { CliContext } from '../../bin/commands/context';
import { programOf } from '../../bin/commands/program';
import { LIFETIME_S } from '../../lib/aws/store/encode';
import { MalformedItem } from '../../lib/domain/errors';
import type { ClusterSnapshot, ObserverLease } from '../../lib/domain/model';
import { NOW } from '../support/cluster';
import { silentLog, type FakeWorld } from '../support/fake-world';
import { aTransition } from '../support/store-fixtures';
import { DATABASE_AWAY, drainedMain, healthyPair, stageOf } from '../support/two-vips';

/** The command line over a cluster in memory. `answers` are what the operator types; null: there is no terminal. */
function cli(snapshot: ClusterSnapshot = healthyPair(), answers: string[] | null = []) {
  const { store, world, clock, random } = stageOf(snapshot);
  const said: string[] = [];
  const failures: string[] = [];
  const asked: string[] = [];
  const tables: string[] = [];
  const context: CliContext = {
    storeOf: (table) => {
      tables.push(table);
      return store;
    },
    nodeControlOf: () => world.nodeControl,
    clock,
    random,
    log: silentLog,
    user: 'eva',
    say: (text) => void said.push(text),
    fail: (reasons) => void failures.push(...reasons),
    ask: (question) => {
      asked.push(question);
      return Promise.resolve(answers === null ? null : (answers.shift() ?? ''));
    },
    plain: true,
  };
  const run = async (...words: string[]): Promise<string> => {
    const program = programOf(context);
    for (const command of [program, ...program.commands]) {
      command.exitOverride().configureOutput({ writeErr: (text) => void failures.push(text) });
    }
    await program.parseAsync([...words, '--table', 'pbx-state'], { from: 'user' });
    return said.join('\n');
  };
  return { run, store, world, clock, said, failures, asked, tables };
}

describe('understudy switchover', () => {
  it('shows the forecast, asks, and decides after a yes', async () => {
    const { run, store, world, asked, tables, failures } = cli(healthyPair(), ['y']);
    world.forecastAnswer = { sessions: 5, vips: [{ vipId: 'main', calls: 2, connectionOriented: 0 }], unanswered: 1 };
    const text = await run('switchover', '--vip', 'main', '--to', 'fs-c');
    expect(text).toContain('main: fs-a -> fs-c');
    expect(text).toContain('2 established calls (main 2)');
    expect(text.indexOf('established')).toBeLessThan(text.indexOf('decided main#5'));
    expect(asked).toEqual(['Switch over? [y/N] ']);
    expect(store.transitions.get('main#5')?.to.nodeId).toBe('fs-c');
    expect(tables).toContain('pbx-state');
    expect(failures).toEqual([]);
  });

  it.each([['n'], [''], ['yes please not']])('does nothing after "%s"', async (answer) => {
    const { run, store } = cli(healthyPair(), [answer]);
    expect(await run('switchover', '--vip', 'main')).toContain('nothing was done');
    expect(store.transitions.size).toBe(0);
  });

  it('does nothing where there is nobody to ask, and ends with an error', async () => {
    const { run, store, failures } = cli(healthyPair(), null);
    await run('switchover', '--vip', 'main');
    expect(failures.join()).toContain('say --yes');
    expect(store.transitions.size).toBe(0);
  });

  it('does not ask with --yes', async () => {
    const { run, store, asked } = cli();
    await run('switchover', '--vip', 'main', '--yes');
    expect(asked).toEqual([]);
    expect([...store.transitions.keys()]).toEqual(['main#5', 'second#5']);
  });

  it('with --json only forecasts, and with --yes decides and says so in JSON', async () => {
    const dry = cli();
    expect(JSON.parse(await dry.run('switchover', '--vip', 'main', '--json'))).toMatchObject({
      forecast: { moves: [{ vipId: 'main', toNodeId: 'fs-b' }, { vipId: 'second' }] },
      outcome: null,
    });
    expect(dry.store.transitions.size).toBe(0);
    const real = cli();
    expect(JSON.parse(await real.run('switchover', '--vip', 'main', '--json', '--yes'))).toMatchObject({
      outcome: { kind: 'decided', moves: [{ transitionId: 'main#5' }, { transitionId: 'second#5' }] },
    });
  });

  it('says why it is refused, and ends with an error', async () => {
    const { run, failures, asked } = cli(healthyPair(), ['y']);
    await run('switchover', '--vip', 'main', '--to', 'fs-x');
    expect(failures.join()).toContain('fs-x is no candidate of main');
    expect(asked).toEqual([]);
  });

  it('leaves a holder whose calls a database in trouble cannot hand over only when they may be lost', async () => {
    const { run, failures, store } = cli(
      healthyPair({ observations: healthyPair().observations.map((each) => ({ ...each, database: DATABASE_AWAY })) }),
    );
    await run('switchover', '--vip', 'main', '--yes');
    expect(failures.join()).toContain('--abandon-calls');
    expect(store.transitions.size).toBe(0);
    await run('switchover', '--vip', 'main', '--abandon-calls', '--yes');
    expect([...store.transitions.keys()]).toEqual(['main#5', 'second#5']);
  });

  it('needs a VIP', async () => {
    const { run } = cli();
    await expect(run('switchover', '--yes')).rejects.toThrow("required option '--vip <id>'");
  });
});

describe('understudy drain, undrain and switchover --drained', () => {
  it('drains, tells what is left and what comes next', async () => {
    const { run, store, world } = cli();
    world.forecastAnswer = { vips: [{ vipId: 'main', calls: 3, connectionOriented: 0 }] };
    const text = await run('drain', '--vip', 'main');
    expect(text).toContain('3 calls are left');
    expect(text).toContain('nothing fails it over');
    expect(store.vips.get('main')?.paused).toBe(true);
  });

  it('moves the drained VIP alone when its calls have ended', async () => {
    const { run, store } = cli(drainedMain(), ['y']);
    expect(await run('switchover', '--vip', 'main', '--drained')).toContain('fs-a goes on with its other VIPs');
    expect([...store.transitions.keys()]).toEqual(['main#5']);
  });

  it('waits while calls are left, unless they are abandoned', async () => {
    const left = { vips: [{ vipId: 'main', calls: 3, connectionOriented: 0 }] };
    const patient = cli(drainedMain());
    patient.world.forecastAnswer = left;
    await patient.run('switchover', '--vip', 'main', '--drained', '--yes');
    expect(patient.failures.join()).toContain('3 calls are left');
    const hasty = cli(drainedMain());
    hasty.world.forecastAnswer = left;
    await hasty.run('switchover', '--vip', 'main', '--drained', '--abandon-calls', '--yes');
    expect([...hasty.store.transitions.keys()]).toEqual(['main#5']);
  });

  it('takes a drain back', async () => {
    const { run, store } = cli(drainedMain());
    expect(await run('undrain', '--vip', 'main')).toContain('main is resumed: OPTIONS 200');
    expect(store.vips.get('main')?.paused).toBe(false);
  });
});

describe('understudy check', () => {
  it('names level, what the next takes and conflicts, and ends with an error where there are any', async () => {
    const { run, world, failures } = cli();
    world.inspections.set('fs-b', {
      level: 1,
      missing: ['a shared database'],
      conflicts: ['keepalived moves the address'],
    });
    const text = await run('check');
    expect(text).toContain('a shared database');
    expect(failures).toEqual(['fs-b: keepalived moves the address']);
  });

  it('ends well without conflicts, also as JSON', async () => {
    const { run, failures } = cli();
    const shown: unknown = JSON.parse(await run('check', '--json'));
    expect(shown).toMatchObject([{ nodeId: 'fs-a', level: 3 }, { nodeId: 'fs-b' }, { nodeId: 'fs-c' }]);
    expect(failures).toEqual([]);
  });
});

describe('understudy calls', () => {
  const LEDGER = {
    before: 12,
    legsBefore: 24,
    resurrected: 11,
    aliveAfter5s: 10,
    aliveAfter30s: null,
    confirmed: null,
    beingWritten: 0,
    ownSessions: null,
    lost: [{ reason: 'not-rebuilt' as const, count: 1 }],
    recoveredAtMs: 1,
    notes: ['gateway carrier is not registered again yet'],
  };
  const journal = (epoch: number, calls: typeof LEDGER | null) =>
    aTransition({ vipId: 'main', epoch, to: { nodeId: 'fs-b', coreUuid: null }, calls });

  it('shows the ledger of the present epoch', async () => {
    const { run, store } = cli();
    store.transitions.set('main#4', journal(4, LEDGER));
    const text = await run('calls', '--vip', 'main');
    expect(text).toMatch(/calls before +12 \(24 legs\)/);
    expect(text).toMatch(/alive after 30 s +not known yet/);
    expect(text).toMatch(/lost +1: not-rebuilt/);
    expect(text).toContain('gateway carrier');
  });

  it('shows that of another epoch, and says where none was counted', async () => {
    const { run, store } = cli();
    store.transitions.set('main#2', journal(2, null));
    expect(await run('calls', '--vip', 'main', '--epoch', '2')).toContain('no calls were counted');
  });

  it('says of a journal that is not there how long one is kept', async () => {
    const { run, failures } = cli();
    await run('calls', '--vip', 'main', '--epoch', '2');
    const years = LIFETIME_S.closedJournal / (365 * 86_400);
    expect(failures).toEqual([`there is no journal main#2: it never was, or is more than ${years} years old`]);
  });

  it('names the gateways that have not registered again where no calls were counted', async () => {
    const { run, store } = cli();
    const older = journal(2, null);
    const proof = 'no calls were to be recovered; gateway external::carrier is not registered again yet';
    older.steps.ledger = { ...older.steps.ledger, status: 'done', proof };
    store.transitions.set('main#2', older);
    expect(await run('calls', '--vip', 'main', '--epoch', '2')).toContain(`ledger done: ${proof}`);
  });

  it('is JSON on demand', async () => {
    const { run, store } = cli();
    store.transitions.set('main#4', journal(4, LEDGER));
    expect(JSON.parse(await run('calls', '--vip', 'main', '--json'))).toEqual({ id: 'main#4', calls: LEDGER });
  });

  it('refuses an epoch that is none, and one without a journal', async () => {
    const { run, failures } = cli();
    await expect(run('calls', '--vip', 'main', '--epoch', 'last')).rejects.toThrow('an epoch is a number');
    await run('calls', '--vip', 'main', '--epoch', '77');
    expect(failures.join()).toContain('there is no journal main#77');
  });
});

describe('understudy calls --preview', () => {
  const rows = (coreUuid: string | null, count: number) => ({
    ...{ coreUuid, rows: 2 * count, calls: count, connectionOriented: 0 },
  });
  const WAY_B: FakeWorld['previewAnswer'] = {
    known: true,
    way: 'B',
    recovered: [{ ...rows('uuid-fs-a', 3), connectionOriented: 1 }],
    foreign: [rows('uuid-of-nobody', 1), rows(null, 1)],
    rewritten: 6,
    differences: [{ variable: 'local_media_ip', from: '10.0.0.11', to: '10.0.1.11', rows: 6 }],
    examples: [{ uuid: 'leg-1', changes: [{ variable: 'local_media_ip', from: '10.0.0.11', to: '10.0.1.11' }] }],
  };

  it('shows what would be rebuilt, moved aside and rewritten, and changes nothing', async () => {
    const { run, store, world, failures } = cli();
    world.previewAnswer = WAY_B;
    const before = structuredClone([store.vips, store.nodes, store.transitions]);
    const text = await run('calls', '--vip', 'main', '--preview');
    expect(text).toContain('main: what a recovery on fs-b would do with the rows of fs-a now; nothing was changed');
    expect(text).toMatch(/^rebuilt +uuid-fs-a: 6 rows, 3 calls, 1 of them over TCP, TLS or WebSocket$/m);
    expect(text).toMatch(/^left alone +uuid-fs-b: 0 rows, 0 calls/m);
    expect(text).toMatch(/^moved aside +uuid-of-nobody: 2 rows, 1 calls: of no fenced incarnation$/m);
    expect(text).toMatch(/^moved aside +rows without a core_uuid: 2 rows/m);
    expect(text).toMatch(/^way B .*6 to be rewritten$/m);
    expect(text).toMatch(/^difference +local_media_ip 10\.0\.0\.11 -> 10\.0\.1\.11: 6 rows$/m);
    expect(text).toContain('- <local_media_ip>10.0.0.11</local_media_ip>');
    expect(text).toContain('+ <local_media_ip>10.0.1.11</local_media_ip>');
    expect(world.calls.filter((call) => call.startsWith('node.'))).toEqual(['node.previewRecovery']);
    expect([store.vips, store.nodes, store.transitions]).toEqual(before);
    expect(failures).toEqual([]);
  });

  it('goes to the node that is named, and is JSON on demand', async () => {
    const { run, world } = cli();
    expect(JSON.parse(await run('calls', '--vip', 'main', '--preview', '--to', 'fs-c', '--json'))).toMatchObject({
      ...{ kind: 'previewed', vipId: 'main', fromNodeId: 'fs-a', toNodeId: 'fs-c', unfit: null },
      result: { known: true, way: 'A', rewritten: 0 },
    });
    expect(world.previews.map(({ nodeId }) => nodeId)).toEqual(['fs-c']);
  });

  it('says what stands in the way of a real recovery there now', async () => {
    const { run, store, world } = cli();
    store.nodes.get('fs-b')!.paused = true;
    world.previewAnswer = { known: true, obstacle: 'its clock is 3000 ms behind' };
    const text = await run('calls', '--vip', 'main', '--preview', '--to', 'fs-b');
    expect(text).toMatch(/^not now +a failover would not take fs-b: it is paused/m);
    expect(text).toMatch(/^not now +fs-b would refuse: its clock is 3000 ms behind$/m);
  });

  it('ends with an error, and the reason, when it is refused or nobody could look', async () => {
    const refused = cli();
    await refused.run('calls', '--vip', 'main', '--preview', '--to', 'fs-a');
    expect(refused.failures).toEqual(['fs-a cannot take main from fs-a; who can: fs-b, fs-c']);
    const blind = cli();
    blind.world.previewAnswer = { known: false, reason: 'the database does not answer' };
    await blind.run('calls', '--vip', 'main', '--preview');
    expect(blind.failures.join()).toContain('on fs-b would do is not known: the database does not answer');
  });

  it('does not mix with the ledger of the past', async () => {
    const { run, failures, world } = cli();
    await run('calls', '--vip', 'main', '--preview', '--epoch', '3');
    await run('calls', '--vip', 'main', '--to', 'fs-b');
    expect(failures).toEqual(['--epoch is of the past, and --preview of what would come', '--to goes with --preview']);
    expect(world.previews).toEqual([]);
  });
});

describe('understudy status', () => {
  it('shows nodes out of service, the database, and the errors of open steps', async () => {
    const { run, store } = cli();
    store.nodes.get('fs-b')!.lockedBy = 'main#4';
    for (const each of store.observations.values()) {
      each.database = { verdict: 'away', detail: 'no answer in 900 ms', latencyMs: null };
      each.esl.clockOffsetMs = -1_234;
    }
    const open = aTransition({ vipId: 'main', epoch: 4, to: { nodeId: 'fs-a', coreUuid: null }, status: 'done' });
    open.steps.restore = { ...open.steps.restore, attempts: 2, error: 'fs-b is stopping' };
    store.transitions.set('main#4', open);
    const text = await run('status');
    expect(text).toContain('out of service since main#4');
    expect(text).toContain('-1234 ms');
    expect(text).toContain('us-east-1a away (no answer in 900 ms)');
    expect(text).toContain('open: main#4 step restore, 2 attempts: fs-b is stopping');
  });

  it('names what on-call is told of a node', async () => {
    const { run, store } = cli();
    for (const each of store.observations.values()) each.esl.clockOffsetMs = each.nodeId === 'fs-a' ? 60_000 : 0;
    expect(await run('status')).toMatch(/^incident: node fs-a, clock-ahead: the clock of fs-a is 60000 ms ahead/m);
  });

  it('names the block after a failover, and the command that ends it', async () => {
    const { run, store } = cli();
    store.vips.get('main')!.lastAutomaticFailoverAtMs = NOW - 1_000;
    expect(await run('status')).toMatch(
      /^main: no second failover by itself before 20.*Z, unless you .acknowledge --vip main/m,
    );
  });

  it.each([
    ['the commands that say why and end it', null, 'do what `explain --vip main` names, then `acknowledge --vip main`'],
    ['no command where a human has acknowledged it', NOW, 'a human has acknowledged it'],
  ])('says since when a VIP is stuck, and %s', async (_, acknowledgedAtMs, words) => {
    const { run, store } = cli();
    Object.assign(store.vips.get('main')!, { status: 'moving', acknowledgedAtMs });
    const stuck = aTransition({ vipId: 'main', epoch: 4, to: { nodeId: 'fs-a', coreUuid: null }, status: 'stuck' });
    store.transitions.set('main#4', { ...stuck, decidedAtMs: NOW - 1, closedAtMs: Date.UTC(2026, 0, 2) });

    const text = await run('status');

    expect(text).toMatch(/│ main +│ stuck +│/);
    expect(text).toContain(`main: stuck since 2026-01-02T00:00:00.000Z: ${words}`);
  });

  it('marks a standby that no failover would take', async () => {
    const { run, store } = cli();
    for (const vip of store.topology?.vips ?? []) vip.manualOnly = ['fs-c'];
    expect(await run('status')).toMatch(/│ fs-b, fs-c \(by hand only\) +│/);
  });

  it('is JSON on demand', async () => {
    const { run } = cli();
    expect(JSON.parse(await run('status', '--json'))).toMatchObject({ cluster: 'pbx', vips: [{ vipId: 'main' }, {}] });
  });
});

describe('understudy pause, resume and acknowledge', () => {
  it('do what they say, and leave an audit trail', async () => {
    const { run, store } = cli();
    await run('pause', '--node', 'fs-b', '--reason', 'new disk');
    expect(store.nodes.get('fs-b')?.paused).toBe(true);
    await run('resume', '--node', 'fs-b');
    expect(store.nodes.get('fs-b')?.paused).toBe(false);
    await run('pause');
    expect(store.control?.paused).toBe(true);
    await run('acknowledge', '--vip', 'main');
    expect(store.vips.get('main')?.acknowledgedAtMs).not.toBeNull();
    expect(store.audits.map(({ actor, action, subject }) => [actor, action, subject])).toEqual([
      ['operator/eva', 'paused', 'node fs-b'],
      ['operator/eva', 'resumed', 'node fs-b'],
      ['operator/eva', 'paused', 'the cluster'],
      ['operator/eva', 'acknowledged', 'vip main'],
    ]);
  });

  it('pause for a while says until when, and so do the audit and the status', async () => {
    const until = new Date(NOW + 7_200_000).toISOString();
    const { run, store, said } = cli();
    await run('pause', '--reason', 'new disk', '--for', '2h');
    await run('pause', '--vip', 'main', '--reason', 'new disk', '--for', '2h');
    await run('pause', '--node', 'fs-b', '--reason', 'new disk', '--for', '2h');
    expect(said).toEqual([
      `paused: the cluster until ${until}`,
      `paused: vip main until ${until}`,
      `paused: node fs-b until ${until}`,
    ]);
    expect([store.control, store.vips.get('main'), store.nodes.get('fs-b')]).toMatchObject(
      Array(3).fill({ paused: true, pausedUntilMs: NOW + 7_200_000 }),
    );
    expect(store.audits[0]?.detail).toBe(`new disk, until ${until}`);
    const text = await run('status');
    expect(text).toContain(`cluster pbx  PAUSED until ${until}: new disk`);
    expect(text).toMatch(new RegExp(`main +│ paused until ${until} `));
    expect(text).toContain(`PAUSED until ${until}`);
  });

  it('a window that has ended is no pause in the status, and resume takes it away', async () => {
    const { run, store, clock, said } = cli();
    await run('pause', '--vip', 'main', '--for', '1m');
    await clock.advance(60_000);
    said.length = 0;
    expect(JSON.parse(await run('status', '--json'))).toMatchObject({
      vips: [{ vipId: 'main', paused: false, pausedUntilMs: null }, {}],
    });
    await run('resume', '--vip', 'main');
    expect(store.vips.get('main')).toMatchObject({ paused: false, pausedUntilMs: null });
  });

  it.each(['59s', '169h', 'an hour', '2', '-1h'])('refuse a window of %s, and pause nothing', async (length) => {
    const { run, store, failures } = cli();
    await expect(run('pause', '--for', length)).rejects.toThrow(/--for/);
    expect(failures.join()).toContain('--for');
    expect(store.control?.paused).toBe(false);
  });
});

describe('a clock of the operator that differs from those of the observers', () => {
  const lease = (renewedAtMs: number, zone = 'us-east-1a'): ObserverLease => ({
    ...{ zone, owner: 'o', startedAtMs: 0, renewedAtMs, untilMs: renewedAtMs + 8_000 },
    ...{ codeVersion: 'v1', topologyVersion: 'v1' },
  });
  /** The newest lease is `aheadMs` older than the operator's clock says, and is renewed every two seconds while `watched`. */
  async function typed(aheadMs: number, words: string[], watched = true) {
    const command = cli();
    const { store, clock } = command;
    const renew = (): void => void store.leases.set('us-east-1a', lease(clock.wallMs() - aheadMs));
    renew();
    store.leases.set('us-east-1b', lease(NOW - 86_400_000, 'us-east-1b'));
    let over = false;
    void command.run(...words).finally(() => (over = true));
    const startMs = clock.wallMs();
    await clock.until(
      () => {
        if (watched) renew();
        return over;
      },
      60_000,
      1_000,
    );
    return { ...command, tookMs: clock.wallMs() - startMs };
  }

  it.each([
    ['acknowledge', -6_000, /6 s behind that of the observers/, ['acknowledge', '--vip', 'main']],
    ['acknowledge', 3_600_000, /about 360[01] s ahead of that of the observers/, ['acknowledge', '--vip', 'main']],
    ['pause --for', -7_200_000, /7200 s behind/, ['pause', '--for', '1h']],
    ['switchover', 6_000, /about [67] s ahead/, ['switchover', '--vip', 'main', '--yes']],
    ['switchover --drained', 6_000, /about [67] s ahead/, ['switchover', '--vip', 'main', '--drained', '--yes']],
  ])('is refused by %s (%i ms), in words', async (_command, aheadMs, says, words) => {
    const { store, failures, said } = await typed(aheadMs, words);

    expect(failures.join()).toMatch(says);
    expect(failures.join()).toMatch(/nothing was done.*NTP/);
    expect(store.vips.get('main')).toMatchObject({ acknowledgedAtMs: null, epoch: 4 });
    expect(store.control?.paused).toBe(false);
    expect([store.audits, said]).toEqual([[], []]);
  });

  it.each([-5_000, 0, 5_000])('counts as right within %i ms, at once', async (aheadMs) => {
    const { store, failures, tookMs } = await typed(aheadMs, ['acknowledge', '--vip', 'main']);

    expect(store.vips.get('main')?.acknowledgedAtMs).toBe(NOW);
    expect([failures, tookMs]).toEqual([[], 0]);
  });

  it('must do where nobody watches, after a look whether anybody does', async () => {
    const { store, failures, tookMs } = await typed(60_000, ['acknowledge', '--vip', 'main'], false);

    expect(store.vips.get('main')?.acknowledgedAtMs).toBe(NOW + 6_000);
    expect([failures, tookMs]).toEqual([[], 6_000]);
  });

  it('keeps nobody from a pause without an end, or from a resume', async () => {
    const { store } = await typed(-3_600_000, ['pause']);
    expect(store.control?.paused).toBe(true);
    expect((await typed(-3_600_000, ['resume'])).failures).toEqual([]);
  });
});

it.each(['status', 'explain'])('understudy %s shows the rest where a journal cannot be read', async (command) => {
  const { run, store, failures } = cli();
  store.readTransition = () => Promise.reject(new MalformedItem('vip#main/epoch#4: cause is of another version'));

  expect(await run(command)).toContain('main');
  expect(failures).toEqual([]);
});
