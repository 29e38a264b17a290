/** Journals on DynamoDB: leases, steps and closing, and the epochs that an adoption raises. */
import { mutantsOf, type Mutant } from '../mutant';

const ALWAYS = 'attribute_exists(#pk)';

const JOURNALS: Mutant[] = mutantsOf(
  'lib/aws/store/journals.ts',
  ['test/aws/store/journals'],
  [
    {
      id: 'journal-lease-is-ours',
      rule: 'the condition of one’s own lease',
      find: "const LEASE_IS_OURS = '#leaseOwner = :owner';",
      replace: `const LEASE_IS_OURS = '${ALWAYS}';`,
    },
    {
      id: 'journal-not-superseded',
      rule: 'the condition of a journal that nothing replaced',
      find: "'#status <> :superseded'",
      replace: `'${ALWAYS}'`,
    },
    {
      id: 'journal-is-open',
      rule: 'the condition of an open journal',
      find: "'#status = :open'",
      replace: `'${ALWAYS}'`,
    },
    {
      id: 'journal-epoch-is-this',
      rule: 'the condition of the VIP’s epoch',
      find: "'#epoch = :epoch'",
      replace: `'${ALWAYS}'`,
    },
    {
      id: 'journal-lease-free-when-absent',
      rule: 'a lease that nobody has can be taken',
      find: '(attribute_not_exists(#leaseOwner) OR ${LEASE_IS_OURS} OR',
      replace: '(${LEASE_IS_OURS} OR',
    },
    {
      id: 'journal-lease-free-when-ours',
      rule: 'one’s own lease can be taken again',
      find: '(attribute_not_exists(#leaseOwner) OR ${LEASE_IS_OURS} OR',
      replace: '(attribute_not_exists(#leaseOwner) OR',
    },
    {
      id: 'journal-lease-free-when-run-out',
      rule: 'a lease that ran out can be taken, and no other',
      find: ' OR #leaseUntilMs <= :now)`',
      replace: ')`',
    },
    {
      id: 'journal-lease-runs-out-by-now',
      rule: 'a lease that has time left is not free',
      find: 'now: nowMs, until: untilMs',
      replace: 'now: untilMs, until: untilMs',
    },
    {
      id: 'journal-lease-asks-exists',
      rule: 'no lease is taken of a journal that is not there',
      find: '[JOURNAL_EXISTS, NOT_SUPERSEDED, LEASE_IS_FREE]',
      replace: '[NOT_SUPERSEDED, LEASE_IS_FREE]',
    },
    {
      id: 'journal-lease-asks-not-superseded',
      rule: 'no lease is taken of a journal that was replaced',
      find: '[JOURNAL_EXISTS, NOT_SUPERSEDED, LEASE_IS_FREE]',
      replace: '[JOURNAL_EXISTS, LEASE_IS_FREE]',
    },
    {
      id: 'journal-lease-asks-free',
      rule: 'one converger at a time',
      find: '[JOURNAL_EXISTS, NOT_SUPERSEDED, LEASE_IS_FREE]',
      replace: '[JOURNAL_EXISTS, NOT_SUPERSEDED]',
    },
    {
      id: 'journal-lease-refused-is-none',
      rule: 'who was refused the lease does not work on the journal it found',
      find: 'return outcome.applied && outcome.after !== null ? decodeTransition(outcome.after) : null;',
      replace:
        'const seen = outcome.applied ? outcome.after : outcome.found;\n    return seen !== null ? decodeTransition(seen) : null;',
    },
    {
      id: 'journal-read-is-consistent',
      rule: 'a journal is read as it stands',
      find: 'const item = await this.table.get(journalKey(vipId, epoch), { consistent: true });',
      replace: 'const item = await this.table.get(journalKey(vipId, epoch), { consistent: false });',
    },
    {
      id: 'journals-are-read-consistently',
      rule: 'the journals to work on are read as they stand',
      find: '({ vipId, epoch }) => this.table.get(journalKey(vipId, epoch), { consistent: true })',
      replace: '({ vipId, epoch }) => this.table.get(journalKey(vipId, epoch), { consistent: false })',
    },
    {
      id: 'journals-finished-are-left-out',
      rule: 'only what is unfinished is worked on',
      find: 'decodeTransition).filter(isUnfinished);',
      replace: 'decodeTransition);',
    },
    {
      id: 'journals-beside-a-damaged-vip',
      rule: 'a VIP that cannot be read holds up no other',
      find: "const vips = this.readable(await this.table.query(LIVE, { prefix: 'vip#' }), decodeVip);",
      replace: "const vips = (await this.table.query(LIVE, { prefix: 'vip#' })).map(decodeVip);",
      tests: ['test/aws/store/unreadable-items'],
    },
    {
      id: 'journals-beside-a-damaged-one',
      rule: 'a journal that cannot be read holds up no other',
      find: 'return this.readable(found, decodeTransition).filter',
      replace: 'return found.map(decodeTransition).filter',
      tests: ['test/aws/store/unreadable-items'],
    },
    {
      id: 'journal-record-asks-lease',
      rule: 'a record of whoever lost the lease is refused',
      find: '        clause: LEASE_IS_OURS,\n        values: { owner, record',
      replace: '        values: { owner, record',
    },
    {
      id: 'journal-record-asks-epoch',
      rule: 'a record of an older epoch is refused',
      find: '      this.table.operations.check(vipKey(vipId), { clause: EPOCH_IS_THIS, values: { epoch } }),\n',
      replace: '',
    },
    {
      id: 'journal-record-prolongs-lease',
      rule: 'who records keeps the lease for longer',
      find: '`SET ${path} = :record, #leaseUntilMs = :until`',
      replace: '`SET ${path} = :record`',
    },
    {
      id: 'journal-record-says-refused',
      rule: 'a refused record is not taken for a written one',
      find: 'return refusals === null;',
      replace: 'return refusals !== undefined;',
    },
    {
      id: 'journal-release-asks-lease',
      rule: 'nobody returns the lease of another',
      find: '      clause: LEASE_IS_OURS,\n      values: { owner },',
      replace: '      values: { owner },',
    },
    {
      id: 'journal-close-missing',
      rule: 'what is not there is not closed',
      find: 'if (journal === null || vip === null ||',
      replace: 'if (journal === null) return true;\n      if (vip === null ||',
    },
    {
      id: 'journal-close-of-an-older-epoch',
      rule: 'a journal of an older epoch does not close',
      find: ' || decodeVip(vip).epoch !== epoch) return false;',
      replace: ') return false;',
    },
    {
      id: 'journal-close-twice',
      rule: 'a journal closes once, and says so to who closed it',
      find: "if (journal.status !== 'open') return journal.status === status;",
      replace: '',
    },
    {
      id: 'journal-close-otherwise',
      rule: 'a journal that closed in another way is not said to have closed in this one',
      find: 'return journal.status === status;',
      replace: 'return true;',
    },
    {
      id: 'journal-close-needs-lease',
      rule: 'whoever lost the lease does not close',
      find: 'if (journal.lease?.owner !== owner) return false;',
      replace: '',
    },
    {
      id: 'journal-close-refused-is-not-closed',
      rule: 'a refused closing is judged anew',
      find: 'if ((await this.table.transact(operations)) === null) return true;',
      replace: 'await this.table.transact(operations);\n      return true;',
    },
    {
      id: 'journal-close-has-an-end',
      rule: 'a closing that always meets another writer is given up',
      find: 'const CLOSE_ATTEMPTS = 3;',
      replace: 'const CLOSE_ATTEMPTS = 99;',
    },
    {
      id: 'journal-close-asks-open',
      rule: 'the closing is conditioned on an open journal: it counts down once',
      find: 'clause: `${JOURNAL_OPEN} AND ${LEASE_IS_OURS}`',
      replace: 'clause: LEASE_IS_OURS',
    },
    {
      id: 'journal-close-asks-lease',
      rule: 'the closing is conditioned on the lease',
      find: 'clause: `${JOURNAL_OPEN} AND ${LEASE_IS_OURS}`',
      replace: 'clause: JOURNAL_OPEN',
    },
    {
      id: 'journal-done-asks-epoch',
      rule: 'a VIP is held at the epoch of the journal only',
      find: '    clause: EPOCH_IS_THIS,\n    values: { epoch, held',
      replace: '    values: { epoch, held',
    },
    {
      id: 'journal-stuck-asks-epoch',
      rule: 'a stuck closing is conditioned on the epoch',
      find: '{ clause: EPOCH_IS_THIS, values: { epoch: journal.epoch } }',
      replace: '{ clause: JOURNAL_EXISTS }',
    },
    {
      id: 'journal-stuck-is-not-held',
      rule: 'a VIP whose change got stuck is not held',
      find: "status === 'done'\n        ? operations.update",
      replace: 'status !== undefined\n        ? operations.update',
    },
    {
      id: 'journal-close-counts-down',
      rule: 'a closed transition is not in flight',
      find: "      operations.update(controlKey(), { update: 'ADD #transitionsInFlight :minusOne', values: { minusOne: -1 } }),\n",
      replace: '',
    },
    {
      id: 'journal-close-returns-claims',
      rule: 'the old holder is free again when the transition closes',
      find: '      ...returned.map((nodeId) => operations.update(nodeKey(nodeId), returnClaim(journal.vipId))),\n',
      replace: '',
    },
    {
      id: 'journal-done-forgets-incarnation',
      rule: 'a holder whose incarnation is unknown has none that was known before',
      find: "(uuid === null ? ' REMOVE #holderCoreUuid' : ', #holderCoreUuid = :uuid')",
      replace: "(uuid === null ? '' : ', #holderCoreUuid = :uuid')",
    },
    {
      id: 'journal-close-beside-a-damaged-node',
      rule: 'a node that cannot be read holds up no closing, and keeps its claim',
      find: 'this.readable(nodes, decodeNode)',
      replace: 'nodes.map(decodeNode)',
      tests: ['test/aws/store/unreadable-items'],
    },
    {
      id: 'journal-close-reads-vip-consistently',
      rule: 'a closing reads the epoch as it stands',
      find: 'this.table.get(vipKey(vipId), { consistent: true }),\n        this.table.query',
      replace: 'this.table.get(vipKey(vipId), { consistent: false }),\n        this.table.query',
    },
    {
      id: 'standing-reads-vip-consistently',
      rule: 'the stale actor’s check reads the epoch as it stands',
      find: 'const [item, controlItem] = await Promise.all([\n      this.table.get(vipKey(vipId), { consistent: true })',
      replace:
        'const [item, controlItem] = await Promise.all([\n      this.table.get(vipKey(vipId), { consistent: false })',
    },
    {
      id: 'standing-reads-control-consistently',
      rule: 'the stale actor’s check reads the pause as it stands',
      find: 'this.table.get(controlKey(), { consistent: true })',
      replace: 'this.table.get(controlKey(), { consistent: false })',
    },
    {
      id: 'standing-needs-vip',
      rule: 'a VIP that is not there has no standing',
      find: 'if (item === null || controlItem === null) throw',
      replace: 'if (controlItem === null) throw',
    },
    {
      id: 'standing-needs-control',
      rule: 'without a control item nobody knows whether the cluster is paused',
      find: 'if (item === null || controlItem === null) throw',
      replace: 'if (item === null) throw',
    },
  ],
);

const ADOPTION: Mutant[] = mutantsOf(
  'lib/aws/store/adoption.ts',
  ['test/aws/store/adoption'],
  [
    {
      id: 'adoption-epoch-is-as-read',
      rule: 'the condition of the epoch that was read',
      find: "'#epoch = :read'",
      replace: `'${ALWAYS}'`,
    },
    {
      id: 'adoption-asks-epoch',
      rule: 'raising an epoch is conditioned on the one that was read: it never lowers one',
      find: '      clause: EPOCH_IS_AS_READ,\n',
      replace: '',
    },
    {
      id: 'adoption-journal-is-open',
      rule: 'the condition of an open journal',
      find: "'#status = :open'",
      replace: `'${ALWAYS}'`,
    },
    {
      id: 'adoption-asks-journal-open',
      rule: 'superseding is conditioned on an open journal: it counts down once',
      find: '        clause: JOURNAL_OPEN,\n',
      replace: '',
    },
    {
      id: 'adoption-never-lowers',
      rule: 'an epoch is never lowered',
      find: 'if (read >= epoch) return;',
      replace: 'if (read === epoch) return;',
    },
    {
      id: 'adoption-leaves-what-is-equal',
      rule: 'a VIP whose epoch is the world’s keeps its holder',
      find: 'if (read >= epoch) return;',
      replace: 'if (read > epoch) return;',
    },
    {
      id: 'adoption-needs-vip',
      rule: 'a VIP that the table does not have is refused',
      find: 'if (item === null) throw noSuchVip(this.table.name, vipId);',
      replace: 'if (item === null) return;',
    },
    {
      id: 'adoption-refused-is-not-applied',
      rule: 'a refused adoption is read and tried again',
      find: 'if ((await this.table.transact(operations)) === null) return;',
      replace: 'await this.table.transact(operations);\n      return;',
    },
    {
      id: 'adoption-has-an-end',
      rule: 'an adoption that always meets another writer is given up, and says so',
      find: 'const ATTEMPTS = 3;',
      replace: 'const ATTEMPTS = 99;',
    },
    {
      id: 'adoption-reads-consistently',
      rule: 'the epoch is read as it stands',
      find: 'this.table.get(vipKey(vipId), { consistent: true })',
      replace: 'this.table.get(vipKey(vipId), { consistent: false })',
    },
    {
      id: 'adoption-reads-journal-consistently',
      rule: 'the journal is read as it stands',
      find: 'this.table.get(key, { consistent: true })',
      replace: 'this.table.get(key, { consistent: false })',
    },
    {
      id: 'adoption-supersedes-only-open',
      rule: 'only an open transition is superseded and counted down',
      find: "if (item === null || decodeTransition(item).status !== 'open') return [];",
      replace: 'if (item === null) return [];',
    },
    {
      id: 'adoption-supersedes',
      rule: 'a transition that was open when the table was saved is closed',
      find: ', ...(await this.supersedeOpen(vipId, read, nowMs))];',
      replace: '];',
    },
    {
      id: 'adoption-counts-down',
      rule: 'what is superseded is not in flight any more',
      find: "update: 'ADD #transitionsInFlight :minusOne',\n        values: { minusOne: -1 },",
      replace: "update: 'ADD #transitionsInFlight :zero',\n        values: { zero: 0 },",
    },
    {
      id: 'adoption-forgets-holder',
      rule: 'a table that is behind the world does not know the holder',
      find: ' REMOVE #holderNode, #holderCoreUuid',
      replace: '',
    },
    {
      id: 'adoption-takes-lease-away',
      rule: 'nobody has the lease of a superseded journal',
      find: ' REMOVE #leaseOwner, #leaseUntilMs',
      replace: '',
    },
  ],
);

export const STORE_JOURNALS: Mutant[] = [...JOURNALS, ...ADOPTION];
