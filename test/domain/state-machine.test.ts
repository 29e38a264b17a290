import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import type { Holder, StepRecord } from '../../lib/domain/model';
import type { StateStore } from '../../lib/domain/ports';
import { CHANGING_CALLS, EDGE_IDS, edgesTaken, MACHINES, photograph } from '../../lib/domain/state-machine';
import { edgeId, type Machine } from '../../lib/domain/state-machine/machine';
import type { MemoryStateStore } from '../../lib/simulation/memory-store';
import { anObservation, aTransition } from '../support/store-fixtures';
import {
  acknowledged,
  assigned,
  closed,
  decided,
  epochAdopted,
  failedOver,
  held,
  incarnationLearned,
  letIn,
  lockedOut,
  paused,
  registered,
  resumed,
  retargeted,
  retried,
  Stage,
  tampered,
  timePassed,
  type Act,
} from './state-machine-stage';

const ROOT = join(__dirname, '..', '..');
const BY_ID = new Map(MACHINES.map((machine) => [machine.id, machine]));

describe.each([...BY_ID])('the machine of %s', (_id, { states, edges }) => {
  it('names states and has at most one edge for what happens in one of them', () => {
    const named = edges.flatMap(({ from, to }) => (from === null ? [to] : [from, to]));
    const keys = edges.map(({ from, on }) => `${from} on ${on}`);

    expect(named.filter((state) => !(state in states))).toEqual([]);
    expect(keys).toEqual([...new Set(keys)]);
  });

  it('reaches every state from nothing', () => {
    expect(reached(edges).sort()).toEqual(Object.keys(states).sort());
  });

  it.each(Object.entries(states))('leads out of %s, or says why it is final', (state, { final }) => {
    const leadsOn = edges.some(({ from, to }) => from === state && to !== state);
    expect(leadsOn).toBe(final === null);
  });
});

function reached(edges: Machine['edges'], from: readonly (string | null)[] = [null]): string[] {
  const next = edges.filter((edge) => from.includes(edge.from) && !from.includes(edge.to)).map((edge) => edge.to);
  if (next.length > 0) return reached(edges, [...from, ...new Set(next)]);
  return from.filter((state) => state !== null);
}

describe('the implementers', () => {
  const ways = MACHINES.flatMap(({ edges }) => edges.flatMap((edge) => edge.ways));
  const calls = [...new Set(ways.map((way) => `${way.calls} in ${way.in}`))].sort();

  it.each(calls)('%s', (call) => {
    const [name = '', path = ''] = call.split(' in ');
    expect(existsSync(join(ROOT, path))).toBe(true);
    expect(callsIn(path)).toContain(name);
  });

  it('are all there are: nobody else changes a state', () => {
    const writes = [...CHANGING_CALLS].filter((name) => name !== 'isPaused');
    const found = sources().flatMap((path) => {
      const text = read(path);
      const mayCall = writes.some((name) => text.includes(`.${name}(`));
      const names = mayCall ? callsIn(path) : [];
      return writes.filter((name) => names.includes(name)).map((name) => `${name} in ${path}`);
    });
    expect(found.sort()).toEqual(calls.filter((call) => !call.startsWith('isPaused ')));
  });
});

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** Names of what a module calls, `store.decide(…)` and `decide(…)` alike; a comment is no call. */
function callsIn(path: string): string[] {
  const names: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node)) {
      const called = node.expression;
      if (ts.isPropertyAccessExpression(called)) names.push(called.name.text);
      if (ts.isIdentifier(called)) names.push(called.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, read(path), ts.ScriptTarget.ES2023));
  return names;
}

/** The product's modules but the stores themselves. */
function sources(): string[] {
  return ['bin', 'lambdas', 'lib']
    .flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
    )
    .filter((path) => path.endsWith('.ts') && !path.startsWith('lib/aws/store') && !path.startsWith('lib/simulation'));
}

const CLUSTER = { kind: 'cluster' } as const;
const MAIN = { kind: 'vip', id: 'main' } as const;
const NODE_B = { kind: 'node', id: 'fs-b' } as const;

/** `second` left fs-b, which was locked out by that, while `main` was on its way there. */
const LEAVING_B = [held('fs-b'), failedOver('fs-b'), failedOver('fs-c', 'second'), lockedOut('fs-b', 'second')];

/** A planned move that took nothing before it was closed. */
const STUCK_AND_NOT_LEFT = [held(), decided('switchover', 'operator', 'fs-b'), closed('stuck')];

/** By edge: how it comes to be taken on the store, once for each kind of write that takes it. */
const PLAYS: Record<string, Act[][]> = {
  'vip/new/registered': [[registered()]],
  'vip/unassigned/assignment': [[registered(), assigned()]],
  'vip/held/failover': [[held(), failedOver()]],
  'vip/held/reinstatement': [[held(), decided('reinstatement', 'restarted', 'fs-a')]],
  'vip/held/switchover': [[held(), decided('switchover', 'operator', 'fs-b')]],
  'vip/held/failback': [[held(), decided('failback', 'operator-drained', 'fs-b')]],
  'vip/held/automatic-failback': [[held(), decided('failback', 'preferred-node-back', 'fs-b')]],
  'vip/held/incarnation-learned': [
    [
      registered(),
      decided('assignment', 'first-assignment', 'fs-a', { isKnown: false }),
      closed('done'),
      incarnationLearned(),
    ],
  ],
  'vip/moving/retargeting': [[held(), failedOver(), retargeted()]],
  'vip/moving/done': [[held(), failedOver(), closed('done')]],
  'vip/moving/stuck': [[held(), failedOver(), closed('stuck')]],
  'vip/stuck/retry': [[held(), failedOver(), closed('stuck'), acknowledged(), retried()]],
  'vip/stuck/failover': [[...STUCK_AND_NOT_LEFT, failedOver('fs-c')]],
  'vip/stuck/reinstatement': [[...STUCK_AND_NOT_LEFT, decided('reinstatement', 'restarted', 'fs-a')]],
  'vip/unassigned/epoch-adopted': [[registered(), epochAdopted()]],
  'vip/moving/epoch-adopted': [[held(), failedOver(), epochAdopted()]],
  'vip/held/epoch-adopted': [[held(), epochAdopted()]],
  'vip/stuck/epoch-adopted': [[held(), failedOver(), closed('stuck'), epochAdopted()]],

  'transition/new/decided': [[registered(), assigned()]],
  'transition/open/done': [[held(), failedOver(), closed('done')]],
  'transition/open/stuck': [[held(), failedOver(), closed('stuck')]],
  'transition/open/superseded': [
    [held(), failedOver(), retargeted()],
    [held(), failedOver(), epochAdopted()],
  ],

  'node/new/registered': [[registered()]],
  'node/free/claimed': [[registered(), assigned()]],
  'node/claimed/claimed': [[held(), assigned('second', 'fs-a')]],
  'node/claimed/claim-returned': [
    [held('fs-a'), failedOver(), closed('done')],
    [held('fs-b'), failedOver(), retargeted()],
  ],
  'node/claimed/last-claim-returned': [
    [held(), failedOver(), closed('done')],
    [held(), failedOver(), retargeted()],
  ],
  'node/claimed/locked-out': [[held(), failedOver(), lockedOut('fs-a')]],
  'node/free/locked-out': [[held(), failedOver(), closed('done'), lockedOut('fs-a')]],
  'node/leaving/claim-returned': [
    [held('fs-a'), failedOver(), lockedOut('fs-a'), closed('done')],
    [...LEAVING_B, retargeted()],
  ],
  'node/leaving/last-claim-returned': [
    [held(), failedOver(), lockedOut('fs-a'), closed('done')],
    [...LEAVING_B, closed('done', 'second'), retargeted()],
  ],
  'node/leaving/locked-out-again': [
    [held('fs-a'), failedOver(), lockedOut('fs-a'), failedOver('fs-c', 'second'), lockedOut('fs-a', 'second')],
  ],
  'node/leaving/let-in': [[held('fs-a'), failedOver(), lockedOut('fs-a'), letIn('fs-a')]],
  'node/out-of-service/locked-out-again': [
    [
      held(),
      failedOver(),
      closed('done'),
      lockedOut('fs-a'),
      decided('reinstatement', 'restarted', 'fs-b'),
      lockedOut('fs-a'),
    ],
  ],
  'node/out-of-service/let-in': [[held(), failedOver(), closed('done'), lockedOut('fs-a'), letIn('fs-a')]],

  'pause/new/registered': [[registered()]],
  'pause/new/registered-paused': [[registered(true)]],
  'pause/running/paused': [[registered(), paused(CLUSTER)]],
  'pause/paused/resumed': [[registered(), paused(MAIN), resumed(MAIN)]],
  'pause/paused/window-over': [[registered(), paused(NODE_B, 60_000), timePassed(60_000)]],
};

describe('on the store', () => {
  const edges = MACHINES.flatMap((machine) => machine.edges.map((edge) => ({ id: edgeId(machine, edge), edge })));

  it('there is a play for each edge, and no other', () => {
    expect(Object.keys(PLAYS).sort()).toEqual([...EDGE_IDS].sort());
  });

  it.each(edges)('$id is taken, by the writes that the table names', async ({ id, edge }) => {
    const calls = new Set<keyof StateStore | 'isPaused'>();
    for (const play of PLAYS[id] ?? []) {
      const stage = await new Stage().act(...play);

      expect(stage.unknown).toEqual([]);
      for (const call of stage.edges.get(id) ?? []) calls.add(call ?? 'isPaused');
    }
    expect([...calls].sort()).toEqual([...new Set(edge.ways.map((way) => way.calls))].sort());
  });

  it('what changes no state takes no edge', async () => {
    const stage = await new Stage().act(held(), failedOver());
    const { store, nowMs } = stage;
    const before = photograph(store, nowMs);

    await store.putObservation(anObservation('fs-a', 'z1', nowMs), nowMs);
    await store.takeTransitionLease('main#2', 'converger', nowMs, nowMs + 1_000);
    await store.recordStep('main#2', 'converger', 'fence', aDoneStep(nowMs), nowMs + 1_000);
    await store.releaseTransitionLease('main#2', 'converger');
    await store.closeTransition('main#2', 'nobody', 'done', { nodeId: 'fs-b', coreUuid: null }, nowMs);
    await stage.act(acknowledged(), resumed(CLUSTER));

    expect(edgesTaken(before, photograph(store, nowMs))).toEqual({ edges: [], unknown: [] });
  });

  it('a closed journal that expires is no change', async () => {
    const expired = tampered((store) => store.transitions.delete('main#1'));
    const stage = await new Stage().act(held(), expired);
    expect(stage.unknown).toEqual([]);
  });
});

function aDoneStep(nowMs: number): StepRecord {
  return { status: 'done', attempts: 1, startedAtMs: nowMs, finishedAtMs: nowMs, proof: 'read back', error: null };
}

describe('a change that no table has is told', () => {
  const vip = (store: MemoryStateStore) => store.vips.get('main');
  const node = (store: MemoryStateStore, id: string) => store.nodes.get(id);
  const FS_C: Holder = { nodeId: 'fs-c', coreUuid: null };

  /** A retargeting of `main#2` by hand. */
  function moveTo(store: MemoryStateStore, epoch: number, holder: Holder, to: Holder): void {
    const chain = { rootEpoch: 2, retargets: 1 };
    store.transitions.set(`main#${epoch}`, aTransition({ vipId: 'main', epoch, to, chain }));
    Object.assign(vip(store) ?? {}, { epoch, holder });
  }

  /** The failover of `main` from fs-a to fs-b is open, and fs-a locked out by it. */
  const FORBIDDEN: [string, (store: MemoryStateStore) => void, string][] = [
    [
      'a holder that changes within its epoch',
      (store) => Object.assign(vip(store) ?? {}, { holder: { nodeId: 'fs-c', coreUuid: 'uuid-fs-c' } }),
      'main: vip: moving to moving on no event of the table',
    ],
    [
      'an epoch that goes back',
      (store) => Object.assign(vip(store) ?? {}, { epoch: 1, status: 'unassigned', holder: null }),
      'main: vip: moving to unassigned on no event of the table',
    ],
    [
      'a retargeting that skips an epoch',
      (store) => moveTo(store, 4, FS_C, FS_C),
      'main: vip: moving to moving on no event of the table',
    ],
    [
      'a holder that is not the one of its decision',
      (store) => moveTo(store, 3, { nodeId: 'fs-b', coreUuid: 'uuid-fs-b' }, FS_C),
      'main: vip: moving to moving on no event of the table',
    ],
    [
      'an epoch without a decision',
      (store) => Object.assign(vip(store) ?? {}, { epoch: 3, holder: FS_C }),
      'main: vip: moving to moving on no event of the table',
    ],
    [
      'a holder that is forgotten within its epoch',
      (store) => Object.assign(vip(store) ?? {}, { status: 'unassigned', holder: null }),
      'main: vip: moving to unassigned on no event of the table',
    ],
    [
      'a node of the same incarnation in place of the holder',
      (store) => Object.assign(vip(store) ?? {}, { holder: { ...vip(store)?.holder, nodeId: 'fs-c' } }),
      'main: vip: moving to moving on no event of the table',
    ],
    [
      'a stuck change whose holder becomes another one',
      (store) => {
        Object.assign(store.transitions.get('main#2') ?? {}, { status: 'stuck' });
        Object.assign(vip(store) ?? {}, { holder: { nodeId: 'fs-b', coreUuid: 'another' } });
      },
      'main: vip: moving to stuck on no event of the table',
    ],
    [
      'a new VIP that is held at once',
      (store) => store.vips.set('third', { ...store.vips.get('main')!, vipId: 'third', epoch: 1, status: 'held' }),
      'third: vip: new to held on registered',
    ],
    ['a VIP that is gone', (store) => store.vips.delete('main'), 'main: it is gone'],
    ['a node that is gone', (store) => store.nodes.delete('fs-c'), 'fs-c: it is gone'],
    ['an open journal that is gone', (store) => store.transitions.delete('main#2'), 'main#2: it is gone'],
    [
      'a closed journal that is opened again',
      (store) => Object.assign(store.transitions.get('main#1') ?? {}, { status: 'open' }),
      'main#1: transition: done to open on decided',
    ],
    [
      'a journal that is born closed',
      (store) => store.transitions.set('main#9', { ...store.transitions.get('main#1')!, id: 'main#9' }),
      'main#9: transition: new to done on done',
    ],
    [
      'a claim of a node that is out of service',
      (store) => Object.assign(node(store, 'fs-a') ?? {}, { claims: ['main', 'second'] }),
      'fs-a: node: leaving to leaving on claimed',
    ],
    [
      'two claims in one write',
      (store) => Object.assign(node(store, 'fs-c') ?? {}, { claims: ['main', 'second'] }),
      'fs-c: node: free to claimed on no event of the table',
    ],
    [
      'a lock and a claim in one write',
      (store) => Object.assign(node(store, 'fs-b') ?? {}, { claims: [], lockedBy: 'main#2' }),
      'fs-b: node: claimed to out-of-service on no event of the table',
    ],
  ];

  it.each(FORBIDDEN)('%s', async (_what, change, words) => {
    const stage = await new Stage().act(held(), failedOver(), lockedOut('fs-a'));
    expect(stage.unknown).toEqual([]);

    await stage.act(tampered(change));

    expect(stage.unknown).toEqual([words]);
  });

  it('an incarnation that becomes another one while its VIP is held', async () => {
    const stage = await new Stage().act(held());

    await stage.act(
      tampered((store) => Object.assign(vip(store) ?? {}, { holder: { nodeId: 'fs-a', coreUuid: 'another' } })),
    );

    expect(stage.unknown).toEqual(['main: vip: held to held on no event of the table']);
  });
});
