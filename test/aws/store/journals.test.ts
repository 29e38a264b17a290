/** The conditions under which a journal is written, as they are sent; what they mean is shown on the local AWS. */
import { encodeControl, encodeNode, encodeTransition, encodeVip } from '../../../lib/aws/store/encode';
import type { Item } from '../../../lib/aws/store/attributes';
import { Journals } from '../../../lib/aws/store/journals';
import { NotRegistered, OutsideTimeout } from '../../../lib/domain/errors';
import type { StepRecord, Transition } from '../../../lib/domain/model';
import { newControl, newNode, newVip } from '../../../lib/domain/store-rules';
import { cancelled, conditionFailed, FAILED, HELD, recordingTable } from '../../support/recording-table';
import { aTransition } from '../../support/store-fixtures';

const TO = { nodeId: 'fs-b', coreUuid: 'uuid-b' };
const JOURNAL = 'vip#main / epoch#000000000003';
const LEASE_IS_OURS = '#leaseOwner = :owner';
const REFUSED_ONCE = cancelled([FAILED, HELD, HELD]);
const DONE: StepRecord = {
  status: 'done',
  attempts: 1,
  startedAtMs: 1,
  finishedAtMs: 2,
  proof: 'read back',
  error: null,
};

const journal = (over: Partial<Transition> = {}): Item =>
  encodeTransition(aTransition({ vipId: 'main', epoch: 3, to: TO, lease: { owner: 'me', untilMs: 9 }, ...over }));
const vip = (epoch = 3): Item => encodeVip(newVip('main', epoch, 0));
const node = (id: string, ...claims: string[]): Item => encodeNode({ ...newNode(id), claims });
const CONTROL = encodeControl(newControl(false, null));

type Given = Parameters<typeof recordingTable>;

function given(items: Given[0], behaviour?: Given[1]) {
  const { table, log, sent } = recordingTable(items, behaviour);
  return { journals: new Journals(table, log), sent };
}

describe('a journal is read', () => {
  it('as it stands, and so are all that are to be worked on', async () => {
    const { journals, sent } = given([journal(), vip()]);

    await journals.read('main', 3);
    await journals.listUnfinished();

    expect(sent.reads).toEqual([
      { key: JOURNAL, consistent: true },
      { key: 'live / vip#*', consistent: true },
      { key: JOURNAL, consistent: true },
    ]);
  });

  it('to work on only while something of it is left to do', async () => {
    const { journals } = given([journal({ status: 'stuck', closedAtMs: 4 }), vip()]);
    expect(await journals.listUnfinished()).toEqual([]);
  });
});

describe('the lease of a journal', () => {
  it('is taken where there is a journal that nothing replaced, and nobody else has it now', async () => {
    const { journals, sent } = given([], { answers: [() => ({ Attributes: journal() })] });

    expect((await journals.takeLease('main#3', 'me', 5, 9))?.lease).toEqual({ owner: 'me', untilMs: 9 });

    expect(sent.writes).toEqual([
      {
        kind: 'update',
        key: JOURNAL,
        condition:
          'attribute_exists(#pk) AND #status <> :superseded AND ' +
          `(attribute_not_exists(#leaseOwner) OR ${LEASE_IS_OURS} OR #leaseUntilMs <= :now)`,
        update: 'SET #leaseOwner = :owner, #leaseUntilMs = :until',
        values: { owner: 'me', now: 5, until: 9, superseded: 'superseded' },
      },
    ]);
  });

  it('that was refused gives no journal to work on, though one was found', async () => {
    const { journals } = given([], { answers: [conditionFailed(journal())] });
    expect(await journals.takeLease('main#3', 'another', 5, 9)).toBeNull();
  });

  it('is returned by its owner only', async () => {
    const { journals, sent } = given([]);
    await journals.releaseLease('main#3', 'me');
    expect(sent.writes).toEqual([
      {
        kind: 'update',
        key: JOURNAL,
        condition: LEASE_IS_OURS,
        update: 'REMOVE #leaseOwner, #leaseUntilMs',
        values: { owner: 'me' },
      },
    ]);
  });
});

describe('a record in a journal', () => {
  it('asks for the lease, which it prolongs, and for the epoch of the VIP', async () => {
    const { journals, sent } = given([]);

    expect(await journals.recordStep('main#3', 'me', 'fence', DONE, 20)).toBe(true);

    expect(sent.writes).toEqual([
      {
        kind: 'update',
        key: JOURNAL,
        condition: LEASE_IS_OURS,
        update: 'SET #steps.#fence = :record, #leaseUntilMs = :until',
        values: { owner: 'me', record: JSON.stringify(DONE), until: 20 },
      },
      { kind: 'check', key: 'live / vip#main', condition: '#epoch = :epoch', values: { epoch: 3 } },
    ]);
  });

  it('that was refused is not written', async () => {
    const { journals } = given([], { answers: [cancelled([HELD, FAILED])] });
    expect(await journals.recordStep('main#3', 'me', 'fence', DONE, 20)).toBe(false);
  });
});

describe('closing a journal', () => {
  const close = (journals: Journals, status: 'done' | 'stuck' = 'done', holder: Transition['to'] = TO) =>
    journals.close('main#3', 'me', status, holder, 5_000);
  const closedJournal = (status: string) => ({
    kind: 'update',
    key: JOURNAL,
    condition: `#status = :open AND ${LEASE_IS_OURS}`,
    update: 'SET #status = :status, #closedAtMs = :now, #ttl = :ttl',
    values: expect.objectContaining({ open: 'open', owner: 'me', status, now: 5_000 }) as unknown,
  });
  const COUNTED_DOWN = {
    kind: 'update',
    key: 'live / control',
    update: 'ADD #transitionsInFlight :minusOne',
    values: { minusOne: -1 },
  };

  it('as done asks for the open journal, the lease and the epoch; it counts down and frees the old holder', async () => {
    const { journals, sent } = given([journal(), vip(), node('fs-a', 'main'), node('fs-b', 'main'), node('fs-c')]);

    expect(await close(journals)).toBe(true);

    expect(sent.writes).toEqual([
      closedJournal('done'),
      {
        kind: 'update',
        key: 'live / vip#main',
        condition: '#epoch = :epoch',
        update: 'SET #status = :held, #holderNode = :node, #changedAtMs = :now, #holderCoreUuid = :uuid',
        values: { epoch: 3, held: 'held', node: 'fs-b', now: 5_000, uuid: 'uuid-b' },
      },
      COUNTED_DOWN,
      { kind: 'update', key: 'live / node#fs-a', update: 'DELETE #claims :claim', values: { claim: ['main'] } },
    ]);
    expect(sent.reads.every(({ consistent }) => consistent)).toBe(true);
  });

  it('as stuck only checks the epoch: nobody holds the VIP, and nothing is fenced', async () => {
    const { journals, sent } = given([journal(), vip(), node('fs-a', 'main')]);

    expect(await close(journals, 'stuck')).toBe(true);

    expect(sent.writes).toEqual([
      closedJournal('stuck'),
      { kind: 'check', key: 'live / vip#main', condition: '#epoch = :epoch', values: { epoch: 3 } },
      COUNTED_DOWN,
    ]);
  });

  it('with a holder of unknown incarnation forgets the one before', async () => {
    const { journals, sent } = given([journal(), vip()]);
    await close(journals, 'done', { nodeId: 'fs-b', coreUuid: null });
    expect(sent.writes[1]?.update).toContain(' REMOVE #holderCoreUuid');
  });

  it.each([
    ['that is not there', [vip()]],
    ['of a VIP that is not there', [journal()]],
    ['of an older epoch', [journal(), vip(4)]],
    ['whose lease is another’s', [journal({ lease: { owner: 'another', untilMs: 9 } }), vip()]],
    ['that got stuck before', [journal({ status: 'stuck', closedAtMs: 4 }), vip()]],
  ])('writes nothing for one %s', async (_name, items) => {
    const { journals, sent } = given(items);
    expect(await close(journals)).toBe(false);
    expect(sent.writes).toEqual([]);
  });

  it('is answered as done when it was, and not written again', async () => {
    const { journals, sent } = given([journal({ status: 'done', closedAtMs: 4 }), vip()]);
    expect(await close(journals)).toBe(true);
    expect(sent.writes).toEqual([]);
  });

  it('that was refused is judged anew on what stands then', async () => {
    const { journals, sent } = given([journal(), vip()], { answers: [REFUSED_ONCE] });
    expect(await close(journals)).toBe(true);
    expect(sent.reads.filter(({ key }) => key === JOURNAL)).toHaveLength(2);
    expect(sent.writes.filter(({ key }) => key === JOURNAL)).toHaveLength(2);
  });

  it('that always meets another writer is given up', async () => {
    const { journals } = given([journal(), vip()], { answers: [REFUSED_ONCE, REFUSED_ONCE, REFUSED_ONCE] });
    await expect(close(journals)).rejects.toBeInstanceOf(OutsideTimeout);
  });
});

describe('what a convergence asks before each mutation', () => {
  it('is read as it stands', async () => {
    const { journals, sent } = given([vip(), CONTROL]);
    expect(await journals.readStanding('main', 0)).toEqual({ epoch: 3, paused: null });
    expect(sent.reads).toEqual([
      { key: 'live / vip#main', consistent: true },
      { key: 'live / control', consistent: true },
    ]);
  });

  it('reads the nodes that are named in the same round, and takes one without an item for not paused', async () => {
    const { journals, sent } = given([vip(), CONTROL, encodeNode({ ...newNode('fs-b'), paused: true })]);
    const { paused } = await journals.readStanding('main', 0, ['fs-b', 'fs-c']);
    expect(paused).toBe('fs-b is paused, until it is resumed');
    expect(sent.reads.slice(2)).toEqual([
      { key: 'live / node#fs-b', consistent: true },
      { key: 'live / node#fs-c', consistent: true },
    ]);
  });

  it.each([
    ['a VIP', [CONTROL]],
    ['a control item, of which nobody knows whether it is paused', [vip()]],
  ])('is refused without %s', async (_name, items) => {
    await expect(given(items).journals.readStanding('main', 0)).rejects.toBeInstanceOf(NotRegistered);
  });
});
