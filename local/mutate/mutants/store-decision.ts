/** What the decision's transaction does beside its conditions, and how its answer is read. See clauses.ts for those. */
import { mutantsOf, type Mutant } from '../mutant';

const WRITTEN = ['test/aws/store/decision-transaction'];
const ANSWERED = ['test/aws/store/decision-answer'];

export const STORE_DECISION: Mutant[] = [
  ...mutantsOf('lib/aws/store/decision.ts', WRITTEN, [
    {
      id: 'decision-follows-the-epoch-read',
      rule: 'a decision is for the epoch right after the one that was read',
      find: 'assertNextEpoch(write.transition, write.expectedEpoch);',
      replace: '',
    },
    {
      id: 'decision-without-the-journal-it-replaces',
      rule: 'what is not there is not replaced',
      find: 'if (write.supersedes !== null && superseded === null) {',
      replace: 'if (write.supersedes !== null && superseded === null && write.expectedEpoch < 0) {',
    },
    {
      id: 'decision-has-a-token',
      rule: 'a decision whose answer was lost is applied once by DynamoDB itself',
      find: 'transact(operations, tokenOf(write, operations))',
      replace: 'transact(operations)',
    },
    {
      id: 'decision-token-of-its-writer',
      rule: 'two writers never have one token',
      find: 'JSON.stringify([id, decidedBy, operations])',
      replace: 'JSON.stringify([id])',
    },
    {
      id: 'decision-token-of-its-content',
      rule: 'other parameters have another token: DynamoDB refuses one that comes back with others',
      find: 'JSON.stringify([id, decidedBy, operations])',
      replace: 'JSON.stringify([id, decidedBy])',
    },
    {
      id: 'decision-counts-up',
      rule: 'a transition is counted as in flight',
      find: "const update = 'ADD #transitionsInFlight :one';",
      replace: "const update = 'SET #lastCount = :one';",
    },
    {
      id: 'decision-retargeting-is-not-counted',
      rule: 'a retargeting is in flight already: neither counted nor capped again',
      find: 'superseded === null ? this.countUp(write) : this.checkControl(write)',
      replace: 'this.countUp(write)',
    },
    {
      id: 'decision-starts-block',
      rule: 'an automatic failover is remembered: it starts the block period',
      find: 'write.startsBlock ? encodeFailovers',
      replace: 'write.startsBlock && write.expectedEpoch < 0 ? encodeFailovers',
    },
    {
      id: 'decision-exempt-starts-no-block',
      rule: 'what is exempt from the block period starts none',
      find: 'write.startsBlock ? encodeFailovers',
      replace: 'write.expectedEpoch >= 0 ? encodeFailovers',
    },
    {
      id: 'decision-forgets-incarnation',
      rule: 'a holder whose incarnation is unknown has none that was known before',
      find: "transition.to.coreUuid === null ? ' REMOVE #holderCoreUuid' : ''",
      replace: "''",
    },
    {
      id: 'decision-claims-candidate',
      rule: 'the candidate is claimed by the decision itself',
      find: "update: 'ADD #claims :claim', clause",
      replace: "update: 'SET #lastClaim = :claim', clause",
    },
    {
      id: 'decision-raises-epoch',
      rule: 'a decision raises the VIP’s epoch',
      find: '      epoch: transition.epoch,\n      status',
      replace: '      status',
    },
    {
      id: 'decision-takes-the-old-lease-away',
      rule: 'nobody has the lease of a superseded journal',
      find: ' REMOVE #leaseOwner, #leaseUntilMs',
      replace: '',
    },
    {
      id: 'decision-returns-the-dead-candidate',
      rule: 'the candidate that died is free again',
      find: 'if (dead !== null)\n',
      replace: 'if (dead !== null && write.expectedEpoch < 0)\n',
    },
    {
      id: 'decision-keeps-an-unfenced-claim',
      rule: 'a retargeting returns no claim of a node that is not fenced',
      find: 'const dead = claimReturnedByRetargeting(superseded, transition);',
      replace: 'const dead: string | null = superseded.to.nodeId;',
    },
    {
      id: 'decision-reads-consistently',
      rule: 'whose decision it is is read as it stands',
      find: '{ consistent: true }',
      replace: '{ consistent: false }',
    },
  ]),
  ...mutantsOf('lib/aws/store/decision.ts', ANSWERED, [
    {
      id: 'decision-refused-is-not-written',
      rule: 'a refused decision is not taken for a written one',
      find: "if (refusals === null) return { outcome: 'written' };",
      replace: "if (refusals === null || write.expectedEpoch >= 0) return { outcome: 'written' };",
    },
    {
      id: 'decision-refused-by-its-own-write',
      rule: 'a decision that its own earlier attempt refuses is written',
      find: "if (clauses.some(mayBeOurOwnWrite) && (await this.isOurs(write))) return { outcome: 'written' };",
      replace: '',
    },
    {
      id: 'decision-refused-by-another',
      rule: 'the journal of another’s decision is not ours',
      find: "if (clauses.some(mayBeOurOwnWrite) && (await this.isOurs(write))) return { outcome: 'written' };",
      replace: "if (clauses.some(mayBeOurOwnWrite)) return { outcome: 'written' };",
    },
    {
      id: 'decision-is-ours-by-its-writer',
      rule: 'a decision is ours when we decided it',
      find: '(await this.readJournal(write.transition.id))?.decidedBy === write.transition.decidedBy',
      replace: '(await this.readJournal(write.transition.id)) !== null',
    },
    {
      id: 'decision-own-epoch',
      rule: 'the epoch that our own lost write left refuses our retry',
      find: "clause === 'vip-has-expected-epoch' || ",
      replace: '',
    },
    {
      id: 'decision-own-journal',
      rule: 'the journal that our own lost write left refuses our retry',
      find: "clause === 'journal-absent' || ",
      replace: '',
    },
    {
      id: 'decision-own-superseding',
      rule: 'the journal that our own lost write closed refuses our retry',
      find: " || clause === 'superseded-journal-open'",
      replace: '',
    },
    {
      id: 'decision-lost-answer-is-read-back',
      rule: 'a lost answer is resolved by reading the journal back',
      find: 'if (error instanceof OutsideTimeout && (await this.isOurs(write).catch(() => false)))',
      replace: 'if (error instanceof OutsideTimeout && write.expectedEpoch < 0)',
    },
    {
      id: 'decision-lost-answer-is-not-written',
      rule: 'a lost answer is written only where the journal says so',
      find: 'if (error instanceof OutsideTimeout && (await this.isOurs(write).catch(() => false)))',
      replace: 'if (error instanceof OutsideTimeout)',
    },
    {
      id: 'decision-lost-answer-and-no-read',
      rule: 'who cannot read the journal back tells of the answer that was lost',
      find: '(await this.isOurs(write).catch(() => false))',
      replace: '(await this.isOurs(write))',
    },
  ]),
  ...mutantsOf(
    'lib/aws/store/decision-clauses.ts',
    ['test/aws/store/decision-clauses'],
    [
      {
        id: 'refused-by-a-pause',
        rule: 'a pause is named as what refused',
        find: "item['paused'] === false ||",
        replace: "item['pk'] !== undefined ||",
      },
      {
        id: 'refused-by-no-ended-window',
        rule: 'a window that has ended refused nothing',
        find: " || Number(item['pausedUntilMs']) <= write.transition.decidedAtMs",
        replace: '',
      },
      {
        id: 'refused-by-the-cap',
        rule: 'the cap is named as what refused, at the cap itself',
        find: "Number(item['transitionsInFlight']) < write.maxTransitionsInFlight",
        replace: "Number(item['transitionsInFlight']) <= write.maxTransitionsInFlight",
      },
      {
        id: 'refused-by-the-epoch',
        rule: 'the epoch is named as what refused',
        find: "item['epoch'] === write.expectedEpoch",
        replace: "item['epoch'] !== undefined",
      },
      {
        id: 'refused-by-a-locked-candidate',
        rule: 'a candidate that is out of service is named as what refused',
        find: "item['lockedBy'] === undefined || claimsOf(item).includes(write.transition.vipId)",
        replace: "item['pk'] !== undefined",
      },
      {
        id: 'refused-by-no-own-claim-of-a-locked-one',
        rule: 'a node that holds this very VIP may keep it though it is out of service',
        find: "item['lockedBy'] === undefined || claimsOf(item).includes(write.transition.vipId)",
        replace: "item['lockedBy'] === undefined",
      },
      {
        id: 'refused-by-a-full-candidate',
        rule: 'a candidate without room is named as what refused',
        find: 'claims.length < write.maxVipsPerNode ||',
        replace: 'claims.length <= write.maxVipsPerNode ||',
      },
      {
        id: 'refused-by-no-own-claim',
        rule: 'a claim of the same VIP is room',
        find: ' || claims.includes(write.transition.vipId)',
        replace: '',
      },
      {
        id: 'refused-by-a-journal',
        rule: 'a journal that is there already is named as what refused',
        find: 'holds: () => false',
        replace: 'holds: () => true',
      },
      {
        id: 'refused-by-a-closed-journal',
        rule: 'a journal that is not open cannot be replaced, and is named',
        find: "item['status'] === 'open'",
        replace: "item['status'] !== undefined",
      },
      {
        id: 'refused-by-an-open-journal',
        rule: 'an open journal before a first decision is named as what refused',
        find: "item['status'] !== 'open'",
        replace: "item['status'] !== undefined",
      },
      {
        id: 'refused-by-the-items-that-failed',
        rule: 'an item whose condition held refused nothing',
        find: 'if (!refusal.refused) return [];',
        replace: 'if (!refusal.refused) return (clausesOfItems[index] ?? []).map((clause) => clause.name);',
      },
      {
        id: 'refused-by-what-is-missing',
        rule: 'an item that is not there fails each of its clauses',
        find: 'found === null ? clauses : clauses.filter((clause) => !clause.holds(found, write))',
        replace: 'clauses.filter((clause) => !clause.holds(found as PlainItem, write))',
      },
      {
        id: 'refused-by-what-changed-meanwhile',
        rule: 'a refusal is never without a reason',
        find: '(broken.length === 0 ? clauses : broken)',
        replace: 'broken',
      },
      {
        id: 'clauses-are-all-asked',
        rule: 'every clause of an item must hold',
        find: ".join(' AND ')",
        replace: ".join(' OR ')",
      },
    ],
  ),
];
