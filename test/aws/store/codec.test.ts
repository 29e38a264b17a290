import fc from 'fast-check';
import { fromItem, type Item } from '../../../lib/aws/store/attributes';
import {
  decodeControl,
  decodeIncident,
  decodeInstance,
  decodeLease,
  decodeNode,
  decodeTransition,
  decodeVip,
} from '../../../lib/aws/store/decode';
import { decodeObservation } from '../../../lib/aws/store/decode-observation';
import { decodeTopology } from '../../../lib/aws/store/decode-topology';
import {
  encodeControl,
  encodeIncident,
  encodeInstance,
  encodeLease,
  encodeNode,
  encodeObservation,
  encodeTopology,
  encodeTransition,
  encodeVip,
} from '../../../lib/aws/store/encode';
import { journalKey, parseJournalKey, parseTransitionId } from '../../../lib/aws/store/keys';
import { isUnfinished, newNode, newVip } from '../../../lib/domain/store-rules';
import { MalformedItem } from '../../../lib/domain/errors';
import { isPaused } from '../../../lib/domain/maintenance';
import type { Policy, Transition } from '../../../lib/domain/model';
import { LOSS_REASONS, STEP_NAMES, transitionId } from '../../../lib/domain/model';
import { anObservation, aTopology, aTransition } from '../../support/store-fixtures';

const atMs = fc.integer({ min: 0, max: 4_000_000_000_000 });
const id = fc.stringMatching(/^[a-z][a-z0-9-]{0,15}$/);
const text = fc.string({ unit: 'grapheme', maxLength: 60 });
const orNull = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(of, { nil: null });
const holder = fc.record({ nodeId: id, coreUuid: orNull(id) });
const step = fc.record(
  {
    status: fc.constantFrom('pending' as const, 'done' as const, 'failed' as const, 'skipped' as const),
    attempts: fc.nat(),
    startedAtMs: orNull(atMs),
    finishedAtMs: orNull(atMs),
    proof: orNull(text),
    error: orNull(text),
    ordered: fc.record({ by: id, calls: orNull(fc.nat()), legs: orNull(fc.nat()) }),
  },
  { requiredKeys: ['status', 'attempts', 'startedAtMs', 'finishedAtMs', 'proof', 'error'] },
);

const ledgerAlways = {
  before: fc.nat(),
  legsBefore: fc.nat(),
  resurrected: orNull(fc.nat()),
  aliveAfter5s: orNull(fc.nat()),
  aliveAfter30s: orNull(fc.nat()),
  confirmed: orNull(fc.nat()),
  beingWritten: fc.nat(),
  ownSessions: orNull(fc.nat()),
  lost: fc.array(fc.record({ reason: fc.constantFrom(...LOSS_REASONS), count: fc.nat() })),
  recoveredAtMs: orNull(atMs),
  notes: fc.array(text),
};
const ledger = fc.record(
  { ...ledgerAlways, countedBy: id, givenUp: fc.constantFrom('database-unreachable' as const, 'given-up' as const) },
  { requiredKeys: Object.keys(ledgerAlways) as (keyof typeof ledgerAlways)[] },
);

const transition: fc.Arbitrary<Transition> = fc
  .record({
    vipId: id,
    epoch: fc.nat(),
    from: orNull(holder),
    to: holder,
    reasons: fc.array(text),
    sessionsBefore: orNull(fc.nat()),
    oldClockOffsetMs: orNull(fc.integer()),
    detectedAtMs: atMs,
    decidedAtMs: atMs,
    decidedBy: text,
    status: fc.constantFrom('open' as const, 'done' as const, 'stuck' as const, 'superseded' as const),
    closedAtMs: orNull(atMs),
    lease: orNull(fc.record({ owner: id, untilMs: atMs })),
    steps: fc.tuple(...STEP_NAMES.map(() => step)),
    calls: orNull(ledger),
  })
  .map(({ steps, ...rest }) => ({
    ...aTransition(rest),
    steps: Object.fromEntries(STEP_NAMES.map((name, index) => [name, steps[index]])) as Transition['steps'],
  }));

const plain = (item: Item) => fromItem(structuredClone(item));

describe('an item that was written is read as it was', () => {
  it('transition', () => {
    fc.assert(fc.property(transition, (each) => expect(decodeTransition(plain(encodeTransition(each)))).toEqual(each)));
  });

  it('VIP', () => {
    const vip = fc.record({
      vipId: id,
      epoch: fc.nat(),
      holder: orNull(holder),
      status: fc.constantFrom('unassigned' as const, 'moving' as const, 'held' as const),
      changedAtMs: atMs,
      paused: fc.boolean(),
      pausedUntilMs: orNull(atMs),
      lastAutomaticFailoverAtMs: orNull(atMs),
      recentFailoversAtMs: fc.array(atMs),
      failoverEvents: fc.dictionary(atMs.map(String), fc.string()),
      acknowledgedAtMs: orNull(atMs),
    });
    fc.assert(fc.property(vip, (each) => expect(decodeVip(plain(encodeVip(each)))).toEqual(each)));
  });

  it('node, its claims being a set', () => {
    const node = fc.record({
      nodeId: id,
      paused: fc.boolean(),
      pausedUntilMs: orNull(atMs),
      claims: fc.uniqueArray(id).map((each) => each.sort()),
      lockedBy: orNull(id),
    });
    fc.assert(fc.property(node, (each) => expect(decodeNode(plain(encodeNode(each)))).toEqual(each)));
  });

  it('incident', () => {
    const incident = fc.record({
      kind: fc.constantFrom('blocked' as const, 'sip-stuck' as const, 'vip-stuck' as const),
      vipId: orNull(id),
      nodeId: orNull(id),
      epoch: orNull(fc.nat()),
      reasons: fc.array(text),
      atMs,
      notifiedAtMs: orNull(atMs),
      overAtMs: orNull(atMs),
      untoldSinceMs: orNull(atMs),
    });
    fc.assert(fc.property(incident, (each) => expect(decodeIncident(plain(encodeIncident(each)))).toEqual(each)));
  });

  it('control, lease, instance, observation, topology', () => {
    const control = { paused: true, pausedReason: null, pausedUntilMs: 9, transitionsInFlight: 2 };
    const lease = {
      zone: 'us-east-1a',
      owner: 'one',
      startedAtMs: 1,
      renewedAtMs: 2,
      untilMs: 3,
      codeVersion: 'c',
      topologyVersion: 't',
    };
    const instance = { nodeId: 'fs-a', state: 'running', atMs: 5 };
    const observation = anObservation('fs-a', 'us-east-1a', 7);
    expect(decodeControl(plain(encodeControl(control)))).toEqual(control);
    expect(decodeLease(plain(encodeLease(lease)))).toEqual(lease);
    expect(decodeInstance(plain(encodeInstance(instance)))).toEqual(instance);
    expect(decodeObservation(plain(encodeObservation(observation)))).toEqual(observation);
    expect(decodeTopology(plain(encodeTopology(aTopology())))).toEqual(aTopology());
  });
});

describe('an item says by an attribute that is absent', () => {
  const journal = (over: Partial<Transition> = {}) =>
    encodeTransition(aTransition({ vipId: 'main', epoch: 2, to: { nodeId: 'fs-b', coreUuid: null }, ...over }));

  it('that an open journal never expires, while a closed one outlives years of its holder', () => {
    const yearS = 365 * 86_400;
    expect(journal()).not.toHaveProperty('ttl');
    expect(Number(journal({ status: 'done', closedAtMs: 5_000 })['ttl']?.N)).toBeGreaterThanOrEqual(5 + 10 * yearS);
  });

  it('that nobody has a lease or a claim', () => {
    expect(journal()).not.toHaveProperty('leaseOwner');
    expect(encodeNode(newNode('fs-a'))).not.toHaveProperty('claims');
  });
});

describe('items of another version', () => {
  const withField = (item: Item, name: string, value: Item[string]): Item => ({ ...item, [name]: value });

  it('may have attributes that this one does not know, of any type', () => {
    const vip = encodeVip({
      vipId: 'main',
      epoch: 3,
      holder: null,
      status: 'held',
      changedAtMs: 1,
      paused: false,
      pausedUntilMs: null,
      lastAutomaticFailoverAtMs: null,
      recentFailoversAtMs: [],
      failoverEvents: {},
      acknowledgedAtMs: null,
    });
    const newer = withField(withField(vip, 'mood', { S: 'fine' }), 'list', { L: [{ N: '1' }] });
    expect(decodeVip(plain(newer))).toEqual(decodeVip(plain(vip)));
  });

  it('may have an attribute of no type that this one writes: it is as good as missing', () => {
    const vip = encodeVip(newVip('main', 3, 5_000));
    expect(decodeVip(plain(withField(vip, 'acknowledgedAtMs', { NULL: true }))).acknowledgedAtMs).toBeNull();
  });

  it('may say in the body what the attributes and the key say: those are what is acted upon', () => {
    const body = { S: JSON.stringify({ pk: 'another', sk: 'vip#another', epoch: 9, mood: 'fine' }) };
    const item = plain(withField(encodeVip(newVip('main', 3, 5_000)), 'body', body));
    expect(item).toMatchObject({ pk: 'live', sk: 'vip#main', epoch: 3, mood: 'fine' });
  });

  it.each(['no JSON', '[1]', '7', 'null'])('may have a body that is no object: it has no fields: %s', (text) => {
    const item = { pk: { S: 'live' }, sk: { S: 'x' }, body: { S: text } };
    expect(plain(item)).toEqual({ pk: 'live', sk: 'x', body: text });
  });

  it.each(['no JSON', '{"a":1}', '[1,"two"]'])('but never a list of failovers that is none: %s', (text) => {
    const vip = encodeVip(newVip('main', 3, 5_000));
    expect(() => decodeVip(plain(withField(vip, 'recentFailoversAtMs', { S: text })))).toThrow(MalformedItem);
  });

  it.each(['no JSON', '["zone a"]', '{"1":2}', '7'])('nor names of what fell that are none: %s', (text) => {
    const vip = encodeVip(newVip('main', 3, 5_000));
    expect(() => decodeVip(plain(withField(vip, 'failoverEvents', { S: text })))).toThrow(MalformedItem);
  });

  it('may have a policy from before `sipStuckAction`, which failed over', () => {
    const { sipStuckAction: _gone, ...older } = aTopology().policy;
    const item = fromItem(encodeTopology(aTopology()));
    expect(decodeTopology({ ...item, policy: older }).policy.sipStuckAction).toBe('failover');
  });

  it.each(['sipStuckAction', 'candidateOrder', 'failback', 'crashAction'])(
    'but never a policy whose `%s` nobody knows',
    (name) => {
      const item = fromItem(encodeTopology(aTopology()));
      const policy = { ...aTopology().policy, [name]: 'reboot' };
      expect(() => decodeTopology({ ...item, policy })).toThrow(MalformedItem);
    },
  );

  it.each([
    'probeIntervalMs',
    'probeTimeoutMs',
    'heartbeatMs',
    'freshForMs',
    'suspectAfterMisses',
    'sipStuckAfterMisses',
    'standbyHolderAfterMisses',
    'blockPeriodMs',
    'maxVipsPerNode',
    'maxTransitionsInFlight',
    'maxRetargets',
  ])('but never a policy without `%s`, which every version wrote', (name) => {
    const item = fromItem(encodeTopology(aTopology()));
    const policy = Object.fromEntries(Object.entries(aTopology().policy).filter(([each]) => each !== name));
    expect(() => decodeTopology({ ...item, policy })).toThrow(MalformedItem);
  });

  it('may lack what this one knows', () => {
    const { changedAtMs: _gone, ...older } = encodeVip({
      ...decodeVip(plain({ pk: { S: 'live' }, sk: { S: 'vip#main' }, epoch: { N: '3' }, status: { S: 'held' } })),
    });
    expect(decodeVip(plain(older))).toMatchObject({ epoch: 3, changedAtMs: 0, paused: false, holder: null });
  });

  it('may know neither database nor service addresses nor where node-control is', () => {
    const { database: _database, nodeControl: _functions, nodes, vips, ...rest } = aTopology();
    const older = {
      ...rest,
      nodes: nodes.map(({ databaseRole: _role, ...node }) => node),
      vips: vips.map(({ serviceAddress: _address, group: _group, ...vip }) => vip),
    };
    const topology = decodeTopology({ pk: 'live', sk: 'topology', ...older });
    expect(topology).toMatchObject({ database: null, nodeControl: {} });
    expect(topology.nodes.map((node) => node.databaseRole)).toEqual([null, null, null]);
    expect(topology.vips.map(({ serviceAddress, group }) => ({ serviceAddress, group }))).toEqual([
      { serviceAddress: null, group: null },
      { serviceAddress: null, group: null },
    ]);
  });

  it('may have a policy that starts nothing, as its function may not, and stops the old node', () => {
    const { restoreFailedNode: _1, crashAction: _2, restartGraceMs: _3, ...rest } = aTopology().policy;
    const { recoverForMs: _4, maxClockBehindMs: _5, stopFailedNode: _6, ...older } = rest;
    const item = fromItem(encodeTopology(aTopology()));
    expect(decodeTopology({ ...item, policy: older }).policy).toMatchObject({
      restoreFailedNode: false,
      stopFailedNode: true,
      crashAction: 'failover',
      restartGraceMs: 10_000,
      recoverForMs: 120_000,
      maxClockBehindMs: 1_000,
    });
  });

  it('may have observations of nobody who knew of a database, or asked for the time or a shutdown', () => {
    const { database: _database, esl, ...rest } = anObservation('fs-a', 'z1', 7);
    const { clockOffsetMs: _offset, shutdownPending: _pending, ...olderEsl } = esl;
    const observation = decodeObservation({ ...rest, pk: 'live', sk: 'obs#fs-a#z1', esl: olderEsl });
    expect(observation).toMatchObject({
      database: null,
      esl: { verdict: 'ok', clockOffsetMs: null, shutdownPending: null },
    });
  });

  it('may have a policy and candidates that knew neither slack nor holds nor failback nor a limit', () => {
    const topology = aTopology();
    const known = Object.entries(topology.policy).filter(([name]) => !Object.keys(NEUTRAL_POLICY).includes(name));
    const older = {
      policy: Object.fromEntries(known),
      vips: topology.vips.map(({ manualOnly: _since, ...vip }) => vip),
    };
    const decoded = decodeTopology({ ...fromItem(encodeTopology(topology)), ...older });
    expect(decoded.policy).toEqual({ ...topology.policy, ...NEUTRAL_POLICY });
    expect(decoded.vips.map((vip) => vip.manualOnly)).toEqual([[], []]);
  });

  it('may have counted misses only in a row: they are the history', () => {
    const seen = anObservation('fs-a', 'z1', 7);
    const {
      mutedWhy: _why,
      mutedSinceMs: _since,
      eslHistory: _esl,
      sipHistory: _sip,
      eslWellSinceMs: _well,
      withdrawnSinceMs: _refuses,
      eslRefusedSinceMs: _refused,
      ...older
    } = seen;
    const counted = { ...older, eslMisses: 3, sipMisses: { main: 0, second: 500 } };
    expect(decodeObservation({ ...counted, pk: 'live', sk: 'obs#fs-a#z1' })).toMatchObject({
      mutedWhy: null,
      mutedSinceMs: null,
      eslHistory: 0b111,
      sipHistory: { main: 0, second: 0x3fffffff },
      eslWellSinceMs: null,
      withdrawnSinceMs: null,
    });
    expect(decodeObservation({ ...counted, eslMisses: -2, pk: 'live', sk: 'obs#fs-a#z1' }).eslHistory).toBe(0);
  });

  it.each([
    ['refused: for as long as it was missed', 'refused', 5],
    ['silent: not at all', 'silent', null],
  ])('may not have told since when ESL is %s', (_words, verdict, expected) => {
    const { eslRefusedSinceMs: _refused, ...older } = anObservation('fs-a', 'z1', 7);
    const item = { ...older, esl: { verdict, detail: verdict }, eslMissingSinceMs: 5, pk: 'live', sk: 'obs#fs-a#z1' };

    expect(decodeObservation(item).eslRefusedSinceMs).toBe(expected);
  });

  it('may have paused without an end: it stays paused until somebody resumes it', () => {
    const paused = {
      paused: { BOOL: true },
      transitionsInFlight: { N: '0' },
      epoch: { N: '3' },
      status: { S: 'held' },
    };
    const item = (sk: string) => plain({ pk: { S: 'live' }, sk: { S: sk }, ...paused });
    const decoded = [decodeControl(item('control')), decodeVip(item('vip#main')), decodeNode(item('node#fs-a'))];
    expect(decoded.map((each) => isPaused(each, Number.MAX_SAFE_INTEGER))).toEqual([true, true, true]);
  });

  it('may have a node from before nodes were locked out, and a journal without a ledger', () => {
    const node = decodeNode(plain({ pk: { S: 'live' }, sk: { S: 'node#fs-a' }, paused: { BOOL: false } }));
    expect(node.lockedBy).toBeNull();
    const item = encodeTransition(aTransition({ vipId: 'main', epoch: 2, to: { nodeId: 'fs-b', coreUuid: null } }));
    expect(item).not.toHaveProperty('calls');
    expect(decodeTransition(plain(item)).calls).toBeNull();
  });

  it('may have a ledger from before calls were confirmed', () => {
    const { confirmed: _confirmed, beingWritten: _writing, ownSessions: _own, ...older } = LEDGER;
    const journal = aTransition({ vipId: 'main', epoch: 2, to: { nodeId: 'fs-b', coreUuid: null }, calls: LEDGER });
    const item = { ...encodeTransition(journal), calls: { S: JSON.stringify(older) } };
    expect(decodeTransition(plain(item)).calls).toEqual({ ...LEDGER, confirmed: null });
  });

  it.each(['lock', 'recover', 'ledger', 'restore'] as const)(
    'may have planned a transition without the step %s: it does not hold the journal open',
    (unknown) => {
      const journal = aTransition({ vipId: 'main', epoch: 2, to: { nodeId: 'fs-b', coreUuid: null }, status: 'done' });
      for (const name of STEP_NAMES) journal.steps[name] = { ...journal.steps[name], status: 'done' };
      const item = encodeTransition(journal);
      const { [unknown]: _gone, ...known } = item['steps']?.M ?? {};
      const decoded = decodeTransition(plain({ ...item, steps: { M: known } }));
      expect(decoded.steps[unknown].status).toBe('skipped');
      expect(isUnfinished(decoded)).toBe(false);
    },
  );

  it('may not know a step: it is skipped, and says why', () => {
    const item = encodeTransition(aTransition({ vipId: 'main', epoch: 2, to: { nodeId: 'fs-b', coreUuid: null } }));
    const { stop: _unknown, ...known } = item['steps']?.M ?? {};
    const decoded = decodeTransition(plain({ ...item, steps: { M: known } }));
    expect(decoded.steps.stop).toMatchObject({
      status: 'skipped',
      proof: expect.stringContaining('version') as unknown,
    });
    expect(decoded.steps.fence.status).toBe('pending');
  });
});

/** What a policy of a version that did not know these is read as: what that version did. */
const NEUTRAL_POLICY: Partial<Policy> = {
  missSlack: 0,
  dissentHoldMs: 0,
  holdDownMs: 0,
  candidateOrder: 'listed',
  failback: 'never',
  failbackAfterMs: 1_800_000,
  maxFailoversPerWindow: 1_000,
  failoverWindowMs: 3_600_000,
};

const LEDGER = {
  before: 1,
  legsBefore: 2,
  resurrected: 1,
  aliveAfter5s: 1,
  aliveAfter30s: 1,
  confirmed: 1,
  beingWritten: 0,
  ownSessions: null,
  lost: [],
  recoveredAtMs: 5,
  notes: [],
};

describe('nonsense is refused and never guessed at', () => {
  const vipItem = (over: Item): Item => ({
    pk: { S: 'live' },
    sk: { S: 'vip#main' },
    epoch: { N: '3' },
    status: { S: 'held' },
    ...over,
  });

  it.each([
    ['an epoch that is text', vipItem({ epoch: { S: 'three' } }), "field 'epoch'"],
    ['an epoch below zero', vipItem({ epoch: { N: '-1' } }), "field 'epoch'"],
    ['an epoch that is missing', vipItem({ epoch: { NULL: true } }), "field 'epoch'"],
    ['a status nobody knows', vipItem({ status: { S: 'asleep' } }), "field 'status'"],
    ['paused that is text', vipItem({ paused: { S: 'false' } }), "field 'paused'"],
  ])('%s', (_name, item, field) => {
    expect(() => decodeVip(plain(item))).toThrow(MalformedItem);
    expect(() => decodeVip(plain(item))).toThrow(field);
    expect(() => decodeVip(plain(item))).toThrow('live / vip#main');
  });

  it.each([
    ['calls that are no JSON', 'twelve'],
    ['calls without a count', JSON.stringify({ ...LEDGER, before: null })],
    ['a loss for a reason nobody knows', JSON.stringify({ ...LEDGER, lost: [{ reason: 'bad luck', count: 1 }] })],
  ])('%s', (_name, calls) => {
    const item = encodeTransition(aTransition({ vipId: 'main', epoch: 2, to: { nodeId: 'fs-b', coreUuid: null } }));
    expect(() => decodeTransition(plain({ ...item, calls: { S: calls } }))).toThrow(MalformedItem);
  });

  const LIVE = { pk: 'live', sk: 'x#main' };
  const journal = fromItem(
    encodeTransition(aTransition({ vipId: 'main', epoch: 2, to: { nodeId: 'b', coreUuid: null } })),
  );
  const look = { ...fromItem(encodeObservation(anObservation('fs-a', 'z1', 7))) };
  const incident = { pk: 'incident#blocked', sk: 'main', atMs: 7 };
  const state = { ...LIVE, state: 'running', atMs: 7 };
  const lease = {
    ...LIVE,
    owner: 'me',
    startedAtMs: 1,
    renewedAtMs: 2,
    untilMs: 3,
    codeVersion: 'c',
    topologyVersion: 't',
  };
  const STEP = { status: 'done', attempts: 1 };

  it.each<
    [string, (item: ReturnType<typeof fromItem>) => unknown, ReturnType<typeof fromItem>, Record<string, unknown>]
  >([
    ['a cluster without its count of transitions', decodeControl, LIVE, {}],
    ['a journal without its epoch', decodeTransition, journal, { epoch: null }],
    ['a journal of a kind nobody knows', decodeTransition, journal, { kind: 'leap' }],
    ['a journal of a cause nobody knows', decodeTransition, journal, { cause: 'meteorite' }],
    ['a journal of a status nobody knows', decodeTransition, journal, { status: 'asleep' }],
    ['a journal whose lease has no end', decodeTransition, journal, { leaseOwner: 'me' }],
    ['a journal that does not count its retargets', decodeTransition, journal, { chain: { rootEpoch: 2 } }],
    ['a journal to nobody', decodeTransition, journal, { to: {} }],
    ['a step of a status nobody knows', decodeTransition, journal, { steps: { fence: { ...STEP, status: 'half' } } }],
    ['a step that does not count its attempts', decodeTransition, journal, { steps: { fence: { status: 'done' } } }],
    ['an incident of a kind nobody knows', decodeIncident, incident, { pk: 'incident#rain' }],
    ['an instance without a state', decodeInstance, state, { state: null }],
    ['an instance state of no time', decodeInstance, state, { atMs: null }],
    ['an observer lease of nobody', decodeLease, lease, { owner: null }],
    ['an observer lease that was never renewed', decodeLease, lease, { renewedAtMs: null }],
    ['an observer lease without an end', decodeLease, lease, { untilMs: null }],
    ['a look of no time', decodeObservation, look, { observedAtMs: null }],
    ['a look from nowhere', decodeObservation, look, { zone: null }],
    ['an ESL verdict nobody knows', decodeObservation, look, { esl: { verdict: 'moody' } }],
    ['a SIP verdict nobody knows', decodeObservation, look, { sip: { main: { verdict: 'moody' } } }],
    ['a database verdict nobody knows', decodeObservation, look, { database: { verdict: 'moody', detail: '' } }],
    [
      'a trouble of the database without an end',
      decodeObservation,
      look,
      { database: { verdict: 'ok', detail: '', trouble: { sinceMs: 1 } } },
    ],
    ['a history of half a look', decodeObservation, look, { eslHistory: 1.5 }],
    ['a SIP history of half a look', decodeObservation, look, { sipHistory: { main: 1.5 } }],
  ])('%s', (_name, decode, item, broken) => {
    expect(() => decode({ ...item, ...broken })).toThrow(MalformedItem);
  });

  it('a step that is no JSON, which would be taken for one that nobody planned', () => {
    const item = encodeTransition(aTransition({ vipId: 'main', epoch: 2, to: { nodeId: 'fs-b', coreUuid: null } }));
    const steps = { M: { ...item['steps']?.M, fence: { S: 'no JSON' } } };
    expect(() => decodeTransition(plain({ ...item, steps }))).toThrow(MalformedItem);
  });

  it('a count of transitions below zero, which is none: it does not raise the cap', () => {
    expect(decodeControl({ ...LIVE, transitionsInFlight: -3 }).transitionsInFlight).toBe(0);
  });

  it('whatever it is: a decoder ends with a value or with MalformedItem', () => {
    const attribute = fc.oneof(
      fc.record({ S: fc.oneof(text, fc.json()) }),
      fc.record({ N: fc.integer().map(String) }),
      fc.record({ BOOL: fc.boolean() }),
      fc.record({ M: fc.dictionary(id, fc.record({ S: fc.oneof(text, fc.json()) })) }),
      fc.record({ SS: fc.array(id, { minLength: 1 }) }),
    );
    const names = [
      'epoch',
      'status',
      'body',
      'steps',
      'owner',
      'paused',
      'claims',
      'leaseOwner',
      'observedAtMs',
      'calls',
    ];
    const item = fc.dictionary(fc.constantFrom(...names), attribute);
    const decoders = [decodeTransition, decodeVip, decodeNode, decodeControl, decodeObservation, decodeTopology];
    fc.assert(
      fc.property(
        item,
        fc.constantFrom<(item: ReturnType<typeof fromItem>) => unknown>(...decoders),
        (some, decode) => {
          try {
            decode(fromItem({ ...some, pk: { S: 'live' }, sk: { S: 'x#y' } }));
          } catch (error) {
            expect(error).toBeInstanceOf(MalformedItem);
          }
        },
      ),
    );
  });
});

describe('keys', () => {
  it('name a journal both ways, in the order of epochs', () => {
    fc.assert(
      fc.property(id, fc.nat(), fc.nat(), (vipId, one, other) => {
        const key = journalKey(vipId, one);
        expect(parseJournalKey(key)).toEqual({ vipId, epoch: one });
        expect(parseTransitionId(transitionId(vipId, one))).toEqual({ vipId, epoch: one });
        expect(key.sk < journalKey(vipId, other).sk).toBe(one < other);
      }),
    );
  });

  it('of other items are no journals', () => {
    expect(parseJournalKey({ pk: 'live', sk: 'vip#main' })).toBeNull();
    expect(parseJournalKey({ pk: 'incident#blocked', sk: 'main' })).toBeNull();
    expect(parseJournalKey({ pk: 'incident#blocked', sk: 'epoch#000000000003' })).toBeNull();
    expect(parseJournalKey({ pk: 'vip#main', sk: 'note' })).toBeNull();
    expect(parseJournalKey({})).toBeNull();
    expect(() => parseTransitionId('main')).toThrow(RangeError);
  });
});
