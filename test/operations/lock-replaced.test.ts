/** A role belongs to a node and not to a process: where another one runs by now, a lock would hit that one. */
import type { Transition } from '../../lib/domain/model';
import { REFUSED_ALREADY } from '../../lib/domain/node-control';
import { DEFAULT_TIMING } from '../../lib/operations/converge/context';
import { contextOf } from '../../lib/operations/converge/converge';
import { lockOldRole } from '../../lib/operations/converge/lock';
import { looks, topologyOf, vipState, withSecondVip } from '../support/cluster';
import { decided } from '../support/converge-stage';

const database = { host: 'db.internal', port: 5432, name: 'freeswitch' };
const OURS = 'created by the deployment';
const NEW = 'uuid-again';

interface Given {
  /** Which core_uuid the observers see on fs-a, each so long after the decision; left out: the new one, from all three. */
  seen?: readonly string[];
  seenAfterMs?: number;
  fingerprint?: string | null;
  /** The process of fs-a that `main` left. */
  old?: string | null;
  /** The process on fs-a that holds `second`. */
  holds?: string;
  /** The journal before: what made the old process the holder. */
  before?: Partial<Transition> | null;
  earlier?: Partial<Transition>[];
  /** Which node `main` left last. */
  leaves?: string;
  /** What `second` is at. */
  second?: Transition;
}

/** `main` left fs-a a moment ago, and its role is to be locked. */
async function lock({
  seen = [NEW, NEW, NEW],
  seenAfterMs = 50,
  fingerprint = OURS,
  old = 'uuid-fs-a',
  holds,
  before = {},
  earlier = [],
  leaves = 'fs-a',
  second,
}: Given) {
  const plain = topologyOf(3, { database });
  const topology = { ...plain, nodes: plain.nodes.map((node) => ({ ...node, fingerprint })) };
  const stage = await decided('suspected-death', {}, topology);
  const { store, deps, clock } = stage;
  const decidedAtMs = clock.wallMs();
  await clock.advance(100);
  for (const [index, look] of looks('fs-a', 'ok', 'standby', { observedAtMs: decidedAtMs + seenAfterMs }).entries()) {
    const coreUuid = seen[index];
    if (coreUuid === undefined) continue;
    await store.putObservation({ ...look, coreUuid, esl: { ...look.esl, coreUuid } }, clock.wallMs());
  }
  const journal = { ...stage.journal(), from: { nodeId: leaves, coreUuid: old } };
  if (before !== null) {
    store.transitions.set('main#1', {
      ...journal,
      epoch: 1,
      id: 'main#1',
      status: 'superseded',
      decidedAtMs,
      ...before,
    });
  }
  if (holds !== undefined) {
    store.topology = withSecondVip(topology);
    const holder = { nodeId: 'fs-a', coreUuid: holds };
    store.vips.set('second', vipState({ vipId: 'second', epoch: 5, status: 'moving', holder }));
  }
  if (second !== undefined) store.transitions.set('second#5', second);
  const context = await contextOf(deps, topology, journal, { records: journal.steps }, DEFAULT_TIMING);
  const result = await lockOldRole({ ...context, earlier: earlier.map((each) => ({ ...journal, ...each })) });
  return { result, locked: [...stage.world.locked], lockedBy: store.nodes.get('fs-a')?.lockedBy ?? null };
}

describe('the role of an old process', () => {
  it('is not locked where a majority sees another process in its place, on a node of ours', async () => {
    expect(await lock({})).toEqual({
      result: { done: true, proof: `(a) fs-a runs ${NEW}: the process uuid-fs-a is gone` },
      locked: [],
      lockedBy: null,
    });
  });

  it('is not locked where that one holds another VIP, whoever configured the node', async () => {
    expect(await lock({ fingerprint: null, holds: NEW })).toMatchObject({ result: { done: true }, locked: [] });
  });

  it.each<[string, Given]>([
    ['it runs still', { seen: ['uuid-fs-a', 'uuid-fs-a', 'uuid-fs-a'] }],
    ['it runs still, and holds another VIP', { seen: ['uuid-fs-a', 'uuid-fs-a', 'uuid-fs-a'], holds: 'uuid-fs-a' }],
    ['one observer sees another', { seen: [NEW] }],
    ['nobody agrees', { seen: [NEW, 'uuid-fs-a', 'uuid-third'] }],
    ['nobody sees what holds another VIP there', { seen: [], holds: NEW }],
    ['nobody knows which process it was', { old: null }],
    ['others saw the process before it', { seenAfterMs: 0 }],
    ['nobody knows since when it was the holder', { before: null }],
    ['it was seen to serve only after that', { before: { status: 'done', closedAtMs: Number.MAX_SAFE_INTEGER } }],
    ['it may hang beside the new one, on a node that is adopted', { fingerprint: null }],
    ['what holds another VIP there is an older one', { fingerprint: null, holds: 'uuid-older' }],
  ])('is locked where %s', async (_words, given) => {
    expect(await lock(given)).toMatchObject({ result: { done: true }, locked: ['fs-a'], lockedBy: 'main#2' });
  });

  it('is locked where an earlier journal left the process that runs there now', async () => {
    const left = { epoch: 1, id: 'main#1', from: { nodeId: 'fs-a', coreUuid: NEW } };
    expect(await lock({ earlier: [left] })).toMatchObject({ locked: ['fs-a'] });
  });
});

describe('the role of a process that was to end by order', () => {
  /** fs-a was left by order, and nobody answered there; then the new holder, fs-c, died, and `main` left that, too. */
  const lockBoth = async (change: Partial<Transition>) => {
    const { journal } = await decided('suspected-death', {}, topologyOf(3, { database }));
    const { steps } = journal();
    const left: Partial<Transition> = {
      ...{
        id: 'main#1',
        epoch: 1,
        from: { nodeId: 'fs-a', coreUuid: 'uuid-fs-a' },
        kind: 'switchover',
        cause: 'operator',
      },
      steps: {
        ...steps,
        lock: { ...steps.lock, status: 'skipped' },
        fence: { ...steps.fence, status: 'done', proof: `(b) ${REFUSED_ALREADY}` },
      },
      ...change,
    };
    const ended = { ...steps.fence, status: 'done', proof: '(b) the connection closed' } as const;
    const second = {
      ...journal(),
      ...left,
      cause: 'operator',
      id: 'second#5',
      steps: { ...steps, fence: ended },
    } as const;
    return lock({ seen: [], old: 'uuid-fs-c', leaves: 'fs-c', earlier: [left], holds: 'uuid-fs-b', second });
  };

  it('is not locked where its process was ended for another VIP', async () => {
    expect((await lockBoth({})).locked).toEqual(['fs-c']);
  });

  it('is locked where that was no order but a failover: its node is out of service until it was stopped', async () => {
    const { journal } = await decided('suspected-death', {}, topologyOf(3, { database }));
    expect((await lockBoth({ kind: 'failover', steps: journal().steps })).locked).toEqual(['fs-a', 'fs-c']);
  });
});
