/** What happens to the node that a VIP left: fence, lock, stop, and its return. */
import { mutantsOf, type Mutant } from '../mutant';

const CONVERGE = ['test/operations/converge.test'];
const PROOF = ['test/operations/no-effect-without-proof'];
const REPLACED = ['test/operations/lock-replaced'];
const ELSEWHERE = ['test/operations/converge-switchover-calls'];

export const OLD_NODE: Mutant[] = [
  ...mutantsOf(
    'lib/operations/converge/fence.ts',
    [
      ...CONVERGE,
      ...PROOF,
      'test/operations/converge-drained',
      'test/operations/converge-private',
      'test/operations/converge-unknown-node',
    ],
    [
      {
        id: 'fence-never-the-new-holder',
        rule: 'an old holder that takes the VIP back is not fenced',
        find: ' && from?.nodeId !== context.to.id',
        replace: '',
      },
      {
        id: 'fence-waits-for-the-address',
        rule: 'a node that does not answer is fenced when its address reads back elsewhere',
        find: 'return moved === null\n',
        replace: "return moved === ''\n",
      },
      {
        id: 'fence-of-a-node-that-is-not-there',
        rule: 'a node that the topology does not have is no node that ended',
        find: '?? notYet(whyUnknown(old.nodeId))',
        replace: "?? done('not part of the cluster')",
      },
      {
        id: 'fence-by-address-of-a-node-that-is-not-there',
        rule: 'a node that the topology does not have is out of the way when its address reads back elsewhere',
        find: 'byAddress(context, old.nodeId, whyUnknown(old.nodeId)) ?? ',
        replace: '',
      },
      {
        id: 'fence-waits-for-the-stop',
        rule: 'without a public address a node that does not answer is fenced when it is stopped',
        find: "if (view === undefined || view.state === 'stopped' || view.state === 'terminated') {",
        replace: 'if (view !== null) {',
      },
      {
        id: 'fence-of-a-closed-event-socket',
        rule: 'a node that serves callers is not fenced because its event socket is closed',
        find: 'if (look.serving) return',
        replace: "if (look.serving && proof === '') return",
      },
      {
        id: 'fence-of-what-could-not-be-asked',
        rule: 'nor is one whose SIP could not be asked',
        find: 'return look.unreached === true ?',
        replace: 'return proof === "" ?',
      },
      {
        id: 'fence-of-a-drained-node-that-died',
        rule: 'a drained node that died, and can prove nothing any more, is fenced by the address, or once it is stopped',
        find: 'return leaveDrained(context, node);',
        replace: 'return intoStandby(context, node);',
      },
      {
        id: 'fence-of-a-drained-node-that-answers-orders',
        rule: 'one that answers our orders is put into standby',
        find: 'return coreUuid !== null || serving;',
        replace: 'return serving;',
      },
      {
        id: 'fence-of-a-drained-node-that-answers-callers',
        rule: 'so is one that answers callers',
        find: 'return coreUuid !== null || serving;',
        replace: 'return coreUuid !== null;',
      },
      {
        id: 'fence-inherits',
        rule: 'a retargeting fences what its predecessors left unfenced',
        find: 'return [...inherited, context.transition];',
        replace: 'return [context.transition];',
      },
    ],
  ),
  ...mutantsOf(
    'lib/operations/converge/stop.ts',
    ['test/operations/converge-two-leave-one'],
    [
      {
        id: 'stop-seen-by-another',
        rule: 'a node that the change of another VIP saw stopped is not stopped again',
        find: '  if (seen !== null) return done(seen);\n',
        replace: '',
      },
      {
        id: 'stop-seen-since',
        rule: 'a stop from before this change was decided is another one',
        find: ' && (steps.stop.finishedAtMs ?? 0) > leftAtMs,',
        replace: ',',
      },
      {
        id: 'stop-seen-of-this-node',
        rule: 'a stop of another node proves nothing of this one',
        find: 'provesStop(steps.stop.proof, nodeId) &&',
        replace: '',
      },
    ],
  ),
  ...mutantsOf(
    'lib/operations/converge/stop.ts',
    ['test/operations/converge-private'],
    [
      {
        id: 'stop-that-is-the-only-fence',
        rule: 'a stop that is the only fence is never settled by leaving the node running',
        find: ' && !isOnlyFence(context)',
        replace: '',
      },
      {
        id: 'stop-beside-the-dead',
        rule: 'a VIP that is dead on the node, too, does not keep it running',
        find: '!isDeadThere(snapshot, vip, context.deps.clock.wallMs())',
        replace: 'vip.epoch > 0',
      },
      {
        id: 'stop-beside-nobody-served',
        rule: 'a node that serves another VIP is not stopped',
        find: "if (verdict.kind !== 'against' || verdict.gray.length > 0) return false;",
        replace: "if (verdict.kind !== 'against') return verdict.kind !== 'no-quorum';",
      },
      {
        id: 'stop-beside-no-stuck-sip',
        rule: 'nor one of which another VIP has its SIP stuck alone: its calls may be alive',
        find: "(verdict.cause === 'suspected-death' && !hasElasticIp)",
        replace: '!hasElasticIp',
      },
      {
        id: 'stop-beside-no-elastic-ip',
        rule: 'a node that the observers do not reach is not stopped while callers of an Elastic IP may reach it',
        find: ' && !hasElasticIp)',
        replace: ')',
      },
      {
        id: 'stop-beside-no-gray',
        rule: 'nor one that still answers some zone for another VIP',
        find: ' || verdict.gray.length > 0',
        replace: '',
      },
      {
        id: 'stop-beside-nobody-unseen',
        rule: 'nor one of which nobody can tell',
        find: "if (verdict.kind !== 'against' ||",
        replace: "if (verdict.kind === 'no-quorum') return true;\n  if (verdict.kind !== 'against' ||",
      },
    ],
  ),
  ...mutantsOf(
    'lib/operations/converge/fence.ts',
    ['test/operations/converge-two-leave-one'],
    [
      {
        id: 'fence-by-the-stop-of-another',
        rule: 'a node that the change of another VIP saw stopped is fenced, whatever runs there now',
        find: '  if (seen !== null) return done(`(e) ${seen}`);\n',
        replace: '',
      },
      {
        id: 'taken-back-alone',
        rule: 'without a public address a node takes its VIP back only once no other one answers for it',
        find: '({ id }) => id !== to.id && isServedOn',
        replace: "({ id }) => id === '' && isServedOn",
      },
      {
        id: 'taken-back-alone-from-standby',
        rule: 'nor is a holder in standby promoted beside another one',
        find: 'return onceAlone(context, `${old.nodeId} stays the holder: the same process goes on`);',
        replace: 'return done(`${old.nodeId} stays the holder: the same process goes on`);',
      },
      {
        id: 'taken-back-beside-no-paused-node',
        rule: 'a node that a human has paused is not put into standby',
        find: '  if (paused !== undefined) return notYet(`${paused.id} is paused (maintenance), and answers for ${vip.id}`);\n',
        replace: '',
      },
      {
        id: 'taken-back-where-the-address-decides',
        rule: 'with a public address nobody else is put into standby',
        find: '  if (vip.elasticIp !== null) return done(proof);\n',
        replace: '',
      },
    ],
  ),
  ...mutantsOf(
    'lib/operations/converge/context.ts',
    [...CONVERGE, ...PROOF, 'test/operations/converge-private'],
    [
      {
        id: 'never-end-the-new-holder',
        rule: 'the node that takes over is neither locked nor stopped',
        find: '.filter((id) => id !== to.id)',
        replace: '',
      },
    ],
  ),
  ...mutantsOf(
    'lib/operations/converge/without-target.ts',
    ['test/operations/converge-unknown-node'],
    [
      {
        id: 'lost-target-is-looked-for',
        rule: 'a target that a younger topology has is moved to',
        find: 'return knowsTarget(topology, transition) ? topology : null;',
        replace: 'return null;',
      },
      {
        id: 'lost-target-is-told',
        rule: 'a change of holder to a node that is not there is told',
        find: '  await raiseStuck(\n    deps,',
        replace: '  if (vipId === "") await raiseStuck(\n    deps,',
      },
      {
        id: 'lost-target-may-be-left',
        rule: 'a change of holder to a node that is not there gives its place free and may be acknowledged',
        find: 'return !mayServe;',
        replace: 'return false;',
      },
      {
        id: 'lost-target-is-not-left-unfenced',
        rule: 'a node that is not there and may act for the VIP is not left for another',
        find: 'return !mayServe;',
        replace: 'return true;',
      },
    ],
  ),
  ...mutantsOf(
    'lib/operations/converge/lock.ts',
    ['test/operations/converge', ...PROOF],
    [
      {
        id: 'locked-out-before-lock',
        rule: 'a node is out of service before its role is locked',
        find: '  await context.deps.store.setLockedOut(node.id, context.transition.id);\n',
        replace: '',
      },
      {
        id: 'a-stop-that-stopped',
        rule: 'only an instance that ended stands for a lock that could not be had',
        find: "!provesStop(context.proofOf('stop'), node.id)",
        replace: "context.statusOf('stop') !== 'done'",
      },
      {
        id: 'lock-of-a-node-that-is-not-there',
        rule: 'a node that the topology does not have is no node that is locked',
        find: ', ...unknown];',
        replace: '];\n  void unknown;',
      },
      {
        id: 'lock-not-the-successor',
        rule: 'a role is not locked where another process runs by now',
        find: 'return gone === null ? lockOne(context, node) : done(gone);',
        replace: "return gone === '' ? done(gone) : lockOne(context, node);",
        tests: REPLACED,
      },
      {
        id: 'lock-while-one-may-live',
        rule: 'a role is locked while one of the processes that left it may live',
        find: 'proofs.every((proof)',
        replace: 'proofs.some((proof)',
        tests: REPLACED,
      },
      {
        id: 'lock-not-what-ended-elsewhere',
        rule: 'a role is not locked whose process was ended by the order of another VIP',
        find: 'return awaitEndElsewhere(context, journal.from);',
        replace: 'return replaced;',
        tests: REPLACED,
      },
      {
        id: 'lock-what-could-not-be-read',
        rule: 'a store that does not answer delays no lock, nor the calls that wait for it',
        find: '    return null;\n  });\n',
        replace: '    throw error;\n  });\n',
        tests: ['test/operations/converge-group'],
      },
      {
        id: 'a-failover-locks',
        rule: 'the order of another VIP excuses no failover from its lock',
        find: ' || !lacksRowProof(journal)) return replaced;',
        replace: ') return replaced;',
        tests: REPLACED,
      },
    ],
  ),
  ...mutantsOf('lib/operations/converge/proved-gone.ts', REPLACED, [
    {
      id: 'proof-names-the-old-process',
      rule: 'another process proves nothing where nobody knows the old one',
      find: 'oldCoreUuids.length > 0 && ',
      replace: '',
      tests: [...PROOF, 'test/operations/return-to-service'],
    },
    {
      id: 'old-process-is-no-successor',
      rule: 'the old process itself proves nothing',
      find: ' && !oldCoreUuids.includes(running) ?',
      replace: ' ?',
    },
    {
      id: 'no-successor-from-before',
      rule: 'what was seen before the old process was the holder may be the one before it',
      find: 'deps.clock.wallMs(), knownSinceMs)',
      replace: 'deps.clock.wallMs())',
    },
    {
      id: 'known-since-it-served',
      rule: 'a holder is known by its core_uuid since its change of holder ended',
      find: "before?.status === 'done' ? before.closedAtMs : before?.decidedAtMs",
      replace: 'before?.decidedAtMs',
    },
    {
      id: 'adopted-may-run-two',
      rule: 'on an adopted node the old process may hang beside the new one',
      find: 'if (node.fingerprint === null && !holds) return null;',
      replace: '',
    },
    {
      id: 'in-use-is-not-locked',
      rule: 'a node that holds another VIP by a newer process is not locked, whoever configured it',
      find: 'node.fingerprint === null && !holds',
      replace: 'node.fingerprint === null',
    },
    {
      id: 'in-use-by-what-runs',
      rule: 'only the process that runs there holds a VIP there',
      find: ' && holder.coreUuid === running',
      replace: '',
    },
  ]),
  ...mutantsOf('lib/operations/converge/proved-gone.ts', ELSEWHERE, [
    {
      id: 'end-elsewhere-is-waited-for',
      rule: 'an order that is under way for another VIP is waited for',
      find: 'proof !== null || !isUnderWay ||',
      replace: 'proof !== null || isUnderWay !== null ||',
    },
    {
      id: 'end-elsewhere-is-not-waited-for-ever',
      rule: 'no longer than an order takes',
      find: ' || deps.clock.monotonicMs() >= deadlineMs) return proof;',
      replace: ') return proof;',
    },
    {
      id: 'end-elsewhere-not-read-is-open',
      rule: 'a store that does not answer is no reason to lock at once',
      find: 'return { proof: null, isUnderWay: true };',
      replace: 'return { proof: null, isUnderWay: false };',
    },
    {
      id: 'only-an-order-ends-elsewhere',
      rule: 'a VIP that was drained, or stays, or was given up as dead proves no end',
      find: 'endsByOrder(journal.cause) && ',
      replace: '',
    },
    {
      id: 'end-elsewhere-by-order',
      rule: 'nor does a fence that says nothing of an order',
      find: "fence.proof?.includes('(b)') === true && ",
      replace: '',
    },
    {
      id: 'end-elsewhere-is-proved',
      rule: 'nor one that found nobody itself',
      find: '=== true && provesRows(fence.proof)',
      replace: '=== true',
    },
    {
      id: 'end-elsewhere-of-that-process',
      rule: 'nor one of another process',
      find: ' && from.coreUuid === coreUuid',
      replace: '',
    },
    {
      id: 'end-elsewhere-of-a-known-process',
      rule: 'nor one of a process that nobody knows',
      find: 'coreUuid !== null && from?.nodeId',
      replace: 'from?.nodeId',
    },
    {
      id: 'end-elsewhere-on-that-node',
      rule: 'nor one on another node',
      find: 'from?.nodeId === nodeId && ',
      replace: 'from !== null && ',
    },
    {
      id: 'end-elsewhere-takes-nothing-back',
      rule: 'nor one that goes back to that node',
      find: ' && to.nodeId !== nodeId',
      replace: '',
    },
  ]),
  ...mutantsOf(
    'lib/operations/converge/stop.ts',
    [...CONVERGE, ...PROOF, 'test/operations/converge-private', 'test/operations/converge-unknown-node'],
    [
      {
        id: 'stop-no-well-node',
        rule: 'the old holder of a planned move is not stopped when its target dies',
        find: "return journal.id === context.transition.id || journal.steps.fence.status === 'pending';",
        replace: 'return true;',
      },
      {
        id: 'stop-of-a-node-that-is-not-there',
        rule: 'a node that the topology does not have is no node that was stopped',
        find: ', ...unknown];',
        replace: '];\n  void unknown;',
      },
      {
        id: 'stop-no-drained-node',
        rule: 'the old node of a drained VIP is not stopped: it lives on',
        find: '!endsByOrder(journal.cause) || ',
        replace: '',
      },
      {
        id: 'stop-no-ended-process',
        rule: 'where the old process ended by order its node is left running',
        find: " || context.statusOf('fence') === 'done'",
        replace: '',
      },
      {
        id: 'stopped-is-out-of-service',
        rule: 'a node is out of service before it is stopped, so that it is brought back',
        find: '    await context.deps.store.setLockedOut(node.id, context.transition.id);\n',
        replace: '',
      },
      {
        id: 'stop-no-node-in-use',
        rule: 'a node that holds a VIP again is not stopped',
        find: 'if (held !== undefined && !isOnlyFence(context)) {',
        replace: 'if (held?.epoch === -1) {',
      },
      {
        id: 'stop-no-paused-node',
        rule: 'a node in maintenance is not stopped',
        find: 'if (state !== undefined && isPaused(state, context.deps.clock.wallMs())) {',
        replace: 'if (state?.nodeId === "") {',
      },
      {
        id: 'stop-no-foreign-node',
        rule: 'an instance of another deployment is not stopped',
        find: 'if (view.owner !== null && view.owner !== context.topology.owner) {',
        replace: 'if (view.owner === "") {',
      },
    ],
  ),
  ...mutantsOf(
    'lib/operations/converge/restore.ts',
    ['test/operations/converge-private'],
    [
      {
        id: 'restore-what-was-lost',
        rule: 'the old node of a planned move, which its owner may have stopped, is not started',
        find: '.filter(({ kind, cause }) => losesNode(kind, cause))',
        replace: '',
      },
    ],
  ),
  ...mutantsOf(
    'lib/operations/return-to-service.ts',
    ['test/operations/return-to-service', 'test/operations/maintenance', ...PROOF],
    [
      {
        id: 'unlock-after-proof',
        rule: 'a role is unlocked only when its old process is proved gone',
        find: 'if (!oldProcessIsGone(snapshot, node, view.state, oldCoreUuids, deps.clock.wallMs())) {',
        replace: 'if (view.state === "pending") {',
      },
      {
        id: 'adopted-only-after-a-stop',
        rule: 'a second process on an adopted node proves nothing of the first',
        find: 'if (node.fingerprint === null) return false;',
        replace: '',
      },
      {
        id: 'return-no-paused-node',
        rule: 'a node in maintenance is left alone',
        find: 'if (state !== undefined && isPaused(state, deps.clock.wallMs())) return',
        replace: 'if (state?.nodeId === "") return',
      },
      {
        id: 'return-no-foreign-node',
        rule: 'an instance of another deployment is never started',
        find: 'if (view.owner !== null && view.owner !== owner) {',
        replace: 'if (view.owner === "") {',
      },
      {
        id: 'return-not-under-callers',
        rule: 'a node that may serve another VIP is not stopped under its callers',
        find: 'if (held !== undefined) {',
        replace: 'if (held?.epoch === -1) {',
      },
      {
        id: 'return-by-what-it-holds',
        rule: 'a node is not back by a VIP that is on its way from it',
        find: '(holder?.nodeId === node.id ? vipId : [])',
        replace: '(holder === null ? [] : vipId)',
      },
      {
        id: 'return-stops-by-policy',
        rule: 'a node that the policy keeps running is stopped by a human alone',
        find: 'if (!snapshot.topology.policy.stopFailedNode) {',
        replace: 'if (instanceState === "") {',
      },
    ],
  ),
];
