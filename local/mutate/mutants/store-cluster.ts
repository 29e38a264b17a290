/** The items of a cluster on DynamoDB, what observers write of it, and what is told of it. */
import { mutantsOf, type Mutant } from '../mutant';

const ALWAYS = 'attribute_exists(#pk)';

const CLUSTER: Mutant[] = mutantsOf(
  'lib/aws/store/cluster.ts',
  ['test/aws/store/cluster'],
  [
    {
      id: 'cluster-needs-control',
      rule: 'a cluster without a control item is not read: nobody knows whether it is paused',
      find: 'if (topologyItem === undefined || controlItem === undefined) throw',
      replace: 'if (topologyItem === undefined) throw',
    },
    {
      id: 'cluster-needs-topology',
      rule: 'a cluster without a topology is not read',
      find: 'if (topologyItem === undefined || controlItem === undefined) throw',
      replace: 'if (controlItem === undefined) throw',
    },
    {
      id: 'cluster-topology-is-registered',
      rule: 'a topology that is not there is refused',
      find: 'if (item === null) throw this.notRegistered();\n    return decodeTopology(item);',
      replace: 'return decodeTopology(item ?? ({} as PlainItem));',
    },
    {
      id: 'cluster-nodes-that-are-named',
      rule: 'a node that the topology does not name takes no part',
      find: '.filter((item) => named.node(idIn(item)))',
      replace: '',
    },
    {
      id: 'cluster-vips-that-are-named',
      rule: 'a VIP that the topology does not name takes no part',
      find: '.filter((item) => named.vip(idIn(item)))',
      replace: '',
    },
    {
      id: 'cluster-looks-that-are-named',
      rule: 'a look at a node that the topology does not name does not count',
      find: 'decodeObservation).filter((seen) => named.node(seen.nodeId))',
      replace: 'decodeObservation)',
    },
    {
      id: 'cluster-instances-that-are-named',
      rule: 'an instance state of a node that the topology does not name does not count',
      find: 'decodeInstance).filter((seen) => named.node(seen.nodeId))',
      replace: 'decodeInstance)',
    },
    {
      id: 'cluster-beside-a-damaged-look',
      rule: 'a look that cannot be read is no vote, and hides no other',
      find: "this.readable(under('obs#'), decodeObservation)",
      replace: "under('obs#').map(decodeObservation)",
    },
    {
      id: 'cluster-beside-a-damaged-instance',
      rule: 'an instance state that cannot be read hides nothing else',
      find: "this.readable(under('instance#'), decodeInstance)",
      replace: "under('instance#').map(decodeInstance)",
    },
    {
      id: 'cluster-beside-a-damaged-lease',
      rule: 'an observer lease that cannot be read hides nothing else',
      find: "this.readable(under('lease#'), decodeLease)",
      replace: "under('lease#').map(decodeLease)",
    },
    {
      id: 'cluster-ensure-leaves-what-is-there',
      rule: 'a deployment overwrites no epoch, holder, claim or pause',
      find: 'this.table.put(item, { clause: NONE_YET })',
      replace: 'this.table.put(item)',
    },
    {
      id: 'cluster-none-yet',
      rule: 'the condition of an item that is not there yet',
      find: "'attribute_not_exists(#pk)'",
      replace: `'${ALWAYS}'`,
    },
    {
      id: 'cluster-ensure-paused',
      rule: 'a new table is paused where the deployment asks for it',
      find: 'newControl(initial.paused, initial.reason)',
      replace: 'newControl(false, initial.reason)',
    },
    {
      id: 'cluster-ensure-epoch-of-the-world',
      rule: 'a new VIP starts at the epoch that the world carries',
      find: 'initial.epochs[id] ?? 0',
      replace: '0',
    },
    {
      id: 'cluster-item-exists',
      rule: 'the condition of an item that is there',
      find: "'attribute_exists(#pk)'",
      replace: "'attribute_not_exists(#nothing)'",
    },
    {
      id: 'cluster-pause-asks-exists',
      rule: 'nothing is paused that is not there',
      find: '      clause: EXISTS,\n    });\n    if (outcome.applied) return;',
      replace: '    });\n    if (outcome.applied) return;',
    },
    {
      id: 'cluster-pause-says-unknown',
      rule: 'who pauses what is not there is told',
      find: 'if (outcome.applied) return;',
      replace: 'if (outcome !== undefined) return;',
    },
    {
      id: 'cluster-resume-takes-the-window-away',
      rule: 'a pause without an end keeps no end of an earlier one',
      find: 'const removes = Object.keys(attributes).filter((name) => attributes[name] === null);',
      replace: 'const removes: string[] = [];',
    },
    {
      id: 'cluster-lock-asks-exists',
      rule: 'no node is taken out of service that is not there',
      find: '      clause: EXISTS,\n      values: lockedBy',
      replace: '      values: lockedBy',
    },
    {
      id: 'cluster-lock-says-unknown',
      rule: 'who takes a node out of service that is not there is told',
      find: 'if (!outcome.applied) {',
      replace: 'if (outcome === undefined) {',
    },
    {
      id: 'cluster-acknowledge-asks-exists',
      rule: 'nothing is acknowledged of a VIP that is not there',
      find: '      clause: EXISTS,\n      values: { now: nowMs },',
      replace: '      values: { now: nowMs },',
    },
    {
      id: 'cluster-acknowledge-says-unknown',
      rule: 'who acknowledges for a VIP that is not there is told',
      find: 'if (!outcome.applied) throw noSuchVip(this.table.name, vipId);',
      replace: '',
    },
    {
      id: 'cluster-still-this-epoch',
      rule: 'the condition of the epoch at which an incarnation was seen',
      find: "'#epoch = :epoch'",
      replace: `'${ALWAYS}'`,
    },
    {
      id: 'cluster-learn-asks-epoch',
      rule: 'an incarnation is learned at the epoch it was seen at',
      find: 'clause: `${STILL_THIS_EPOCH} AND ${INCARNATION_UNKNOWN}`',
      replace: 'clause: INCARNATION_UNKNOWN',
    },
    {
      id: 'cluster-learn-asks-unknown',
      rule: 'an incarnation is learned once: another one is a restart',
      find: 'clause: `${STILL_THIS_EPOCH} AND ${INCARNATION_UNKNOWN}`',
      replace: 'clause: STILL_THIS_EPOCH',
    },
    {
      id: 'cluster-learn-needs-holder',
      rule: 'the incarnation of a VIP that nobody holds is not learned',
      find: 'attribute_exists(#holderNode) AND ',
      replace: '',
    },
    {
      id: 'cluster-learn-needs-no-incarnation',
      rule: 'the condition of an incarnation that is not known',
      find: ' AND attribute_not_exists(#holderCoreUuid)',
      replace: '',
    },
  ],
);

const EVIDENCE: Mutant[] = mutantsOf(
  'lib/aws/store/evidence.ts',
  ['test/aws/store/evidence'],
  [
    {
      id: 'look-first-of-its-zone',
      rule: 'the first look of a zone is written',
      find: '[NONE_YET, OBSERVATION_NOT_OLDER, OBSERVATION_IS_FROM_THE_FUTURE]',
      replace: '[OBSERVATION_NOT_OLDER, OBSERVATION_IS_FROM_THE_FUTURE]',
    },
    {
      id: 'look-newer-one-stays',
      rule: 'an old look in the hands of who was frozen does not replace a newer one',
      find: "'#observedAtMs <= :at'",
      replace: `'${ALWAYS}'`,
    },
    {
      id: 'look-asks-not-older',
      rule: 'a newer look replaces the one before',
      find: '[NONE_YET, OBSERVATION_NOT_OLDER, OBSERVATION_IS_FROM_THE_FUTURE]',
      replace: '[NONE_YET, OBSERVATION_IS_FROM_THE_FUTURE]',
    },
    {
      id: 'look-from-the-future-gives-way',
      rule: 'a look that a wrong clock dated ahead silences no zone',
      find: '[NONE_YET, OBSERVATION_NOT_OLDER, OBSERVATION_IS_FROM_THE_FUTURE]',
      replace: '[NONE_YET, OBSERVATION_NOT_OLDER]',
    },
    {
      id: 'look-is-from-the-future',
      rule: 'the condition of a look that is dated ahead',
      find: "'#observedAtMs > :latest'",
      replace: `'${ALWAYS}'`,
    },
    {
      id: 'look-clocks-may-be-apart',
      rule: 'a clock that is a little ahead is no wrong one: its newer look stays',
      find: 'latest: nowMs + CLOCKS_APART_MS',
      replace: 'latest: nowMs',
    },
    {
      id: 'instance-first-state',
      rule: 'the first state of an instance is written',
      find: '`${NONE_YET} OR ${EVIDENCE_NOT_OLDER}`',
      replace: 'EVIDENCE_NOT_OLDER',
    },
    {
      id: 'instance-newer-one-stays',
      rule: 'EventBridge keeps no order: the newer state of an instance stays',
      find: "'#atMs <= :at'",
      replace: `'${ALWAYS}'`,
    },
    {
      id: 'instance-asks-not-older',
      rule: 'a newer state of an instance replaces the one before',
      find: '`${NONE_YET} OR ${EVIDENCE_NOT_OLDER}`',
      replace: 'NONE_YET',
    },
    {
      id: 'instance-state-is',
      rule: 'the condition of the state that is taken back',
      find: "'#state = :inPlaceOf'",
      replace: `'${ALWAYS}'`,
    },
    {
      id: 'instance-taken-back-where-it-stands',
      rule: 'what was said of an instance is taken back only where it still stands',
      find: '`${STATE_IS} AND ${EVIDENCE_NOT_OLDER}`',
      replace: 'EVIDENCE_NOT_OLDER',
    },
    {
      id: 'instance-taken-back-not-older',
      rule: 'what is newer is not taken back',
      find: '`${STATE_IS} AND ${EVIDENCE_NOT_OLDER}`',
      replace: 'STATE_IS',
    },
    {
      id: 'lease-first-of-its-zone',
      rule: 'the lease of a zone that has none is taken',
      find: '[NONE_YET, LEASE_IS_OURS, LEASE_RAN_OUT]',
      replace: '[LEASE_IS_OURS, LEASE_RAN_OUT]',
    },
    {
      id: 'lease-is-renewed',
      rule: 'an observer renews its own lease',
      find: '[NONE_YET, LEASE_IS_OURS, LEASE_RAN_OUT]',
      replace: '[NONE_YET, LEASE_RAN_OUT]',
    },
    {
      id: 'evidence-lease-that-ran-out',
      rule: 'a lease that ran out goes to the next',
      find: '[NONE_YET, LEASE_IS_OURS, LEASE_RAN_OUT]',
      replace: '[NONE_YET, LEASE_IS_OURS]',
    },
    {
      id: 'lease-ran-out',
      rule: 'the condition of a lease that ran out: a living one stays',
      find: "'#untilMs <= :now'",
      replace: `'${ALWAYS}'`,
    },
    {
      id: 'lease-is-ours',
      rule: 'the condition of one’s own lease',
      find: "LEASE_IS_OURS = '#owner = :owner'",
      replace: `LEASE_IS_OURS = '${ALWAYS}'`,
    },
    {
      id: 'lease-refused-is-not-taken',
      rule: 'who was refused the lease does not observe',
      find: 'if (first.applied) return',
      replace: 'if (first !== undefined) return',
    },
    {
      id: 'lease-living-one-needs-permission',
      rule: 'a living lease is taken only by who may',
      find: 'if (current === null || !mayTake(current)) return',
      replace: 'if (current === null) return',
    },
    {
      id: 'lease-is-as-read',
      rule: 'a living lease is taken as it was read, by one of many',
      find: '`${LEASE_IS_OURS} OR (${LEASE_IS_AS_READ})`',
      replace: `'${ALWAYS}'`,
    },
    {
      id: 'lease-ours-at-last',
      rule: 'the first answer was lost: the lease is ours',
      find: '`${LEASE_IS_OURS} OR (${LEASE_IS_AS_READ})`',
      replace: 'LEASE_IS_AS_READ',
    },
    {
      id: 'lease-as-read-of-its-owner',
      rule: 'the lease is still of the owner that was read',
      find: '#owner = :readOwner AND ',
      replace: '',
    },
    {
      id: 'lease-as-read-not-renewed',
      rule: 'a lease that was renewed meanwhile stays with its owner',
      find: ' AND #renewedAtMs = :readRenewedAt',
      replace: '',
    },
    {
      id: 'lease-lost-race-is-not-taken',
      rule: 'who lost the race for a living lease does not observe',
      find: 'if (second.applied) return',
      replace: 'if (second !== undefined) return',
    },
  ],
);

const INCIDENTS: Mutant[] = mutantsOf(
  'lib/aws/store/incidents.ts',
  ['test/aws/store/incidents'],
  [
    {
      id: 'incident-none-stands',
      rule: 'the condition of an incident that does not stand',
      find: "'attribute_not_exists(#pk)'",
      replace: `'${ALWAYS}'`,
    },
    {
      id: 'incident-earlier-epoch',
      rule: 'the condition of an incident of an earlier epoch',
      find: "'#epoch < :epoch'",
      replace: `'${ALWAYS}'`,
    },
    {
      id: 'incident-first',
      rule: 'an incident that does not stand is raised',
      find: '`${NONE_STANDS} OR ${STANDING_IS_OF_AN_EARLIER_EPOCH}`',
      replace: 'STANDING_IS_OF_AN_EARLIER_EPOCH',
    },
    {
      id: 'incident-news-at-a-later-epoch',
      rule: 'an incident is news again at a later epoch',
      find: '`${NONE_STANDS} OR ${STANDING_IS_OF_AN_EARLIER_EPOCH}`',
      replace: 'NONE_STANDS',
    },
    {
      id: 'incident-told-once',
      rule: 'an incident that stands already is not raised again',
      find: 'return outcome.applied;',
      replace: 'return outcome !== undefined;',
    },
    {
      id: 'incident-untold-ones',
      rule: 'what was told is not told again',
      find: ', { filter: NOT_NOTIFIED })',
      replace: ')',
    },
    {
      id: 'incident-not-notified',
      rule: 'the condition of an incident that was not told',
      find: "'attribute_not_exists(#notifiedAtMs)'",
      replace: "'attribute_exists(#notifiedAtMs)'",
    },
    {
      id: 'incident-beside-a-damaged-one',
      rule: 'an incident that cannot be read holds no other back',
      find: "return readableOf(found.flat(), decodeIncident, this.log, 'an incident cannot be read and is not told');",
      replace: 'return found.flat().map(decodeIncident);',
      tests: ['test/aws/store/unreadable-items'],
    },
    {
      id: 'incident-mark-asks-the-one-told',
      rule: 'an incident that was raised anew meanwhile stays untold',
      find: '      clause: IS_THE_ONE_THAT_WAS_TOLD,\n',
      replace: '',
    },
    {
      id: 'incident-is-the-one-told',
      rule: 'the condition of the incident that was told',
      find: "'#atMs = :at'",
      replace: `'${ALWAYS}'`,
    },
    {
      id: 'audit-once-for-a-retry',
      rule: 'a retried audit event is written once: its key is made of its content',
      find: '#${digest}`',
      replace: '#${Math.random()}`',
    },
    {
      id: 'audit-of-the-same-moment',
      rule: 'two events of one moment stand beside each other',
      find: '}#${digest}`',
      replace: '}`',
    },
  ],
);

export const STORE_CLUSTER: Mutant[] = [...CLUSTER, ...EVIDENCE, ...INCIDENTS];
