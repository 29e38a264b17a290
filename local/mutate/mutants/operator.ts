/** What stands between an operator and a move: a switchover, a drain, and what either would cost. */
import { mutantsOf, type Mutant } from '../mutant';

const SWITCHOVER = ['test/operations/switchover.test'];
const COMMANDS = ['test/bin/operator-commands'];
const DRAIN = ['test/operations/drain.test', 'test/operations/maintenance-window'];

export const OPERATOR: Mutant[] = [
  ...mutantsOf('lib/operations/operator-clock.ts', COMMANDS, [
    {
      id: 'operator-clock-behind',
      rule: 'a clock that is behind the observers’ is not written',
      find: 'if (Math.abs(aheadMs) <= CLOCKS_AGREE_WITHIN_MS) return null;',
      replace: 'if (aheadMs <= CLOCKS_AGREE_WITHIN_MS) return null;',
    },
    {
      id: 'operator-clock-ahead',
      rule: 'a clock that is ahead of the observers’ is not written',
      find: 'if (Math.abs(aheadMs) <= CLOCKS_AGREE_WITHIN_MS) return null;',
      replace: 'if (-aheadMs <= CLOCKS_AGREE_WITHIN_MS) return null;',
    },
    {
      id: 'operator-clock-unwatched',
      rule: 'a lease that nobody renews says nothing of the time',
      find: '(aheadMs > CLOCKS_AGREE_WITHIN_MS && newest === first)',
      replace: 'aheadMs > 1e12',
    },
    {
      id: 'operator-clock-looks-again',
      rule: 'whether anybody renews the lease is seen before it is called nobody’s',
      find: 'if (clock.wallMs() - newest <= CLOCKS_AGREE_WITHIN_MS) break;',
      replace: 'if (first !== null) break;',
    },
  ]),
  ...mutantsOf('bin/commands/pause.ts', COMMANDS, [
    {
      id: 'acknowledge-by-a-right-clock',
      rule: 'an acknowledgement bears a right time',
      find: 'if (await refusesClock(context, store)) return null;\n        await',
      replace: 'await',
    },
    {
      id: 'window-by-a-right-clock',
      rule: 'a maintenance window ends at a right time',
      find: 'if (options.for !== undefined && (await refusesClock(context, store))) return null;',
      replace: '',
    },
    {
      id: 'pause-by-any-clock',
      rule: 'a pause without an end asks for no time',
      find: 'if (options.for !== undefined && (await refusesClock(context, store))) return null;',
      replace: 'if (await refusesClock(context, store)) return null;',
    },
  ]),
  ...mutantsOf('bin/commands/switchover.ts', COMMANDS, [
    {
      id: 'switchover-by-a-right-clock',
      rule: 'a planned move bears a right time',
      find: 'if (await refusesClock(context, store)) return;',
      replace: '',
    },
  ]),
  ...mutantsOf('lib/operations/switchover.ts', SWITCHOVER, [
    {
      id: 'switchover-as-confirmed',
      rule: 'another plan than the one that was said yes to is refused',
      find: 'if (confirmed !== null && !isSame(plan.changes, confirmed)) {',
      replace: 'if (confirmed?.length === -1) {',
    },
    {
      id: 'switchover-same-vips',
      rule: 'a yes is for these VIPs',
      find: '[change.vipId, change.to.nodeId, change.expectedEpoch]',
      replace: '[change.to.nodeId, change.expectedEpoch]',
    },
    {
      id: 'switchover-same-nodes',
      rule: 'a yes is for these nodes',
      find: '[change.vipId, change.to.nodeId, change.expectedEpoch]',
      replace: '[change.vipId, change.expectedEpoch]',
    },
    {
      id: 'switchover-same-epochs',
      rule: 'a yes is for what was in force then',
      find: '[change.vipId, change.to.nodeId, change.expectedEpoch]',
      replace: '[change.vipId, change.to.nodeId]',
    },
    {
      id: 'switchover-first-refusal-ends-it',
      rule: 'nothing is touched where the first move is refused',
      find: "else if (moves.length === 0) return { kind: 'refused', reasons: inNameOf(change.vipId, answer.reasons) };",
      replace: '',
    },
    {
      id: 'switchover-goes-on-after-the-first',
      rule: 'once the process is to end, every other VIP of it is moved too',
      find: 'else notDecided.push({ vipId: change.vipId, reasons: answer.reasons });',
      replace: 'else {\n      notDecided.push({ vipId: change.vipId, reasons: answer.reasons });\n      break;\n    }',
    },
    {
      id: 'switchover-decider-is-unique',
      rule: 'a lost answer is told from another’s decision',
      find: '`${deps.actor}/${deps.random.id()}`',
      replace: 'deps.actor',
    },
    {
      id: 'switchover-hears-a-refusal',
      rule: 'a decision that was refused is not called made',
      find: "if (outcome.outcome === 'refused') {",
      replace: 'if (outcome.outcome === undefined) {',
    },
    {
      id: 'switchover-decided-is-no-failure',
      rule: 'a decision without an audit event is a decision',
      find: 'deps.log.warn(`the audit event of ${id} was not written`',
      replace: 'throw error;\n    deps.log.warn(`the audit event of ${id} was not written`',
    },
    {
      id: 'switchover-tells-what-was-decided',
      rule: 'after the first decision nothing is thrown',
      find: 'if (isFirst) throw error;',
      replace: 'throw error;',
    },
    {
      id: 'switchover-first-error-is-thrown',
      rule: 'whether the first was decided is not known, and is not called refused',
      find: 'if (isFirst) throw error;',
      replace: '',
    },
  ]),
  ...mutantsOf('lib/operations/switchover-plan.ts', SWITCHOVER, [
    {
      id: 'switchover-takes-all-along',
      rule: 'every VIP of a process that ends by order moves',
      find: 'request.drained ? [found] : heldBy(snapshot, found)',
      replace: '[found]',
    },
    {
      id: 'switchover-drained-moves-alone',
      rule: 'a drained VIP moves alone',
      find: 'request.drained ? [found] : heldBy(snapshot, found)',
      replace: 'heldBy(snapshot, found)',
    },
    {
      id: 'switchover-refused-for-a-reason',
      rule: 'whatever stands in the way refuses it',
      find: 'if (reasons.length > 0) return',
      replace: 'if (reasons.length < 0) return',
    },
    {
      id: 'switchover-nowhere-is-refused',
      rule: 'without a node for every VIP nothing is moved',
      find: "if (placed.kind === 'nowhere') return { kind: 'refused', reasons: placed.why };",
      replace: "if (placed.kind === 'nowhere') return { kind: 'planned', holder: found.holder, changes: [] };",
    },
    {
      id: 'switchover-where-the-operator-says',
      rule: 'the named VIP goes where the operator says',
      find: 'index === 0 ? { ...unit, toNodeId } : unit',
      replace: 'unit',
    },
    {
      id: 'switchover-only-the-named-one',
      rule: 'the others go where they prefer',
      find: 'index === 0 ? { ...unit, toNodeId } : unit',
      replace: '({ ...unit, toNodeId })',
    },
    {
      id: 'switchover-at-the-epoch-read',
      rule: 'an operator’s move is for the epoch that was read',
      find: 'expectedEpoch: state.epoch,',
      replace: 'expectedEpoch: state.epoch + 1,',
    },
    {
      id: 'switchover-starts-no-block',
      rule: 'a failure after an operator’s move is a new one',
      find: 'startsBlock: false,',
      replace: 'startsBlock: true,',
    },
    {
      id: 'switchover-drained-is-no-end',
      rule: 'the old holder of a drained VIP goes on',
      find: "cause: drained ? 'operator-drained' : 'operator',",
      replace: "cause: 'operator',",
    },
    {
      id: 'switchover-home-is-a-failback',
      rule: 'a move to the most preferred node is a failback',
      find: "transition: isHome ? 'failback' : 'switchover',",
      replace: "transition: 'switchover',",
    },
  ]),
  ...mutantsOf('lib/operations/switchover-readiness.ts', SWITCHOVER, [
    {
      id: 'ready-known-vip',
      rule: 'a VIP that is not there is not moved',
      find: 'if (vip === undefined || state === undefined) return',
      replace: 'if (vip === null || state === null) return',
    },
    {
      id: 'ready-held',
      rule: 'a VIP that nobody holds is assigned, and not moved',
      find: 'if (state.holder === null)\n',
      replace: 'if (state.holder === undefined)\n',
    },
    {
      id: 'ready-of-the-same-node',
      rule: 'VIPs of other nodes are left alone',
      find: "'holder' in each && each.holder.nodeId === named.holder.nodeId",
      replace: "'holder' in each",
    },
    {
      id: 'ready-named-first',
      rule: 'the named VIP is the first, and once',
      find: 'others.filter((each) => each.vip.id !== named.vip.id)',
      replace: 'others',
    },
    {
      id: 'ready-all-that-move',
      rule: 'one VIP that is not ready keeps all of the node',
      find: '...moving.flatMap((each) => whyNotReady(snapshot, each, drained, nowMs)),',
      replace: '...moving.slice(0, 1).flatMap((each) => whyNotReady(snapshot, each, drained, nowMs)),',
    },
    {
      id: 'ready-node-not-paused',
      rule: 'nothing is decided that waits for the resume of the node it would leave',
      find: 'if (node === undefined || !isPaused(node, nowMs)) return [];',
      replace: 'if (nowMs > 0) return [];',
    },
    {
      id: 'ready-drained-node-may-be-paused',
      rule: 'a drained VIP leaves a paused node',
      find: '...(drained ? [] : moving.slice(0, 1)',
      replace: '...(nowMs < 0 ? [] : moving.slice(0, 1)',
    },
    {
      id: 'ready-database-hands-over',
      rule: 'a holder is not left while a database in trouble cannot hand its calls over',
      find: 'if (troubled.length === 0) return [];',
      replace: 'if (troubled.length >= 0) return [];',
    },
    {
      id: 'ready-drained-hands-nothing-over',
      rule: 'a drained VIP moves without the database',
      find: '...(drained || abandonCalls',
      replace: '...(abandonCalls',
    },
    {
      id: 'ready-calls-may-be-lost',
      rule: 'an operator may say that calls may be lost',
      find: '...(drained || abandonCalls',
      replace: '...(drained',
    },
    {
      id: 'ready-group-stays-together',
      rule: 'a drained VIP does not leave its group',
      find: '...(drained ? whyNotAlone(snapshot, named) : [])',
      replace: '...(drained ? [] : [])',
    },
    {
      id: 'ready-not-alone-when-drained',
      rule: 'a group that moves as a whole may move',
      find: '...(drained ? whyNotAlone(snapshot, named) : [])',
      replace: '...whyNotAlone(snapshot, named)',
    },
    {
      id: 'ready-there',
      rule: 'the aim is a candidate and not the holder',
      find: ', ...whyNotThere(named, toNodeId)]',
      replace: ']',
    },
    {
      id: 'ready-cluster-not-paused',
      rule: 'nothing is moved in a paused cluster',
      find: 'if (isPaused(control, nowMs)) {',
      replace: 'if (nowMs < 0) {',
    },
    {
      id: 'ready-cap-counts-those-in-flight',
      rule: 'transitions in flight count towards the cap',
      find: 'control.transitionsInFlight + moving.length > cap',
      replace: 'moving.length > cap',
    },
    {
      id: 'ready-cap-counts-those-to-come',
      rule: 'the moves of a switchover fit into the cap together',
      find: 'control.transitionsInFlight + moving.length > cap',
      replace: 'control.transitionsInFlight + 1 > cap',
    },
    {
      id: 'ready-cap-can-be-filled',
      rule: 'as many as the cap says may move',
      find: 'control.transitionsInFlight + moving.length > cap',
      replace: 'control.transitionsInFlight + moving.length >= cap',
    },
    {
      id: 'ready-not-moving',
      rule: 'a VIP on its way is not moved',
      find: "if (state.status === 'moving') {",
      replace: 'if (nowMs < 0) {',
    },
    {
      id: 'ready-drained-first',
      rule: 'only a VIP that is drained moves as one',
      find: 'if (drained && !paused) {',
      replace: 'if (nowMs < 0) {',
    },
    {
      id: 'ready-not-paused',
      rule: 'a paused VIP is not moved',
      find: 'if (!drained && paused) {',
      replace: 'if (nowMs < 0) {',
    },
    {
      id: 'ready-seen-serving',
      rule: 'a switchover is for a node that a majority sees well',
      find: "if (verdict.kind !== (drained ? 'in-standby' : 'serving')) {",
      replace: "if (drained && verdict.kind !== 'in-standby') {",
    },
    {
      id: 'ready-seen-in-standby',
      rule: 'a drained VIP moves when a majority sees no new calls there',
      find: "if (verdict.kind !== (drained ? 'in-standby' : 'serving')) {",
      replace: "if (!drained && verdict.kind !== 'serving') {",
    },
    {
      id: 'ready-not-paused-inside',
      rule: 'a node whose FreeSWITCH is paused is not ended',
      find: 'if (!drained && isPausedInside(snapshot, holder, nowMs)) {',
      replace: 'if (nowMs < 0) {',
    },
    {
      id: 'ready-paused-inside-goes-on',
      rule: 'a pause inside keeps no drained VIP: its node is not ended',
      find: 'if (!drained && isPausedInside(snapshot, holder, nowMs)) {',
      replace: 'if (isPausedInside(snapshot, holder, nowMs)) {',
    },
    {
      id: 'ready-one-word-on-a-pause',
      rule: 'one observer’s word of a pause inside is enough to wait',
      find: 'topology.policy.freshForMs).some(',
      replace: 'topology.policy.freshForMs).every(',
    },
    {
      id: 'ready-alone-without-a-group',
      rule: 'VIPs without a group are partners of nobody',
      find: 'if (found.vip.group === null) return [];',
      replace: '',
    },
    {
      id: 'ready-alone-of-its-own-group',
      rule: 'VIPs of other groups are no partners',
      find: 'vip.id !== found.vip.id && vip.group === found.vip.group',
      replace: 'vip.id !== found.vip.id',
    },
    {
      id: 'ready-aim-is-not-the-holder',
      rule: 'a VIP is not moved to where it is',
      find: 'if (toNodeId === holder.nodeId) return [`${toNodeId} holds ${vip.id} already`];',
      replace: '',
    },
    {
      id: 'ready-aim-is-a-candidate',
      rule: 'a VIP is moved to a candidate alone',
      find: 'if (vip.candidates.includes(toNodeId)) return [];',
      replace: 'if (toNodeId !== "") return [];',
    },
  ]),
  ...mutantsOf(
    'lib/operations/switchover-forecast.ts',
    [...SWITCHOVER, 'test/operations/drain.test'],
    [
      {
        id: 'forecast-of-its-vips',
        rule: 'the calls of the VIPs that the node holds are counted',
        find: 'state.vipId === vip.id && state.holder?.nodeId === nodeId',
        replace: 'state.vipId === vip.id',
      },
      {
        id: 'forecast-away-is-not-known',
        rule: 'a node that does not answer is not called idle',
        find: "if ('why' in asked) return { calls: null, lost: null,",
        replace: "if ('why' in asked) return { calls: 0, lost: 0,",
      },
      {
        id: 'forecast-without-a-database',
        rule: 'without a database every session is lost',
        find: 'if (!hasDatabase) {',
        replace: 'if (asked.nodeId === "") {',
      },
      {
        id: 'forecast-unread-rows-are-not-none',
        rule: 'rows that could not be read are not called none',
        find: 'if (asked.vips.length === 0 && asked.unknown.length > 0) return',
        replace: 'if (asked.vips.length < 0) return',
      },
      {
        id: 'forecast-unanswered-unknown',
        rule: 'an unknown number of unanswered sessions is not called none',
        find: 'lost: asked.unanswered === null ? null : asked.unanswered + connections',
        replace: 'lost: (asked.unanswered ?? 0) + connections',
      },
      {
        id: 'forecast-connections-are-lost',
        rule: 'calls over connections count as lost',
        find: 'asked.unanswered + connections',
        replace: 'asked.unanswered',
      },
    ],
  ),
  ...mutantsOf('lib/operations/drain.ts', DRAIN, [
    {
      id: 'drain-what-is-held',
      rule: 'a VIP on its way is not drained',
      find: "if (held.state.status !== 'held') {",
      replace: "if (held.state.status === '') {",
    },
    {
      id: 'drain-pauses-first',
      rule: 'nobody promotes the holder again while it is drained',
      find: `  await deps.store.setPaused({ kind: 'vip', id: vipId }, true, \`draining, by \${deps.actor}\`);
  const answer = await order(deps, snapshot, held, 'demote');
`,
      replace: `  const answer = await order(deps, snapshot, held, 'demote');
  await deps.store.setPaused({ kind: 'vip', id: vipId }, true, \`draining, by \${deps.actor}\`);
`,
    },
    {
      id: 'drain-proved-or-refused',
      rule: 'a VIP whose holder is in no standby is not called drained',
      find: 'if (!answer.done) {\n    await putBack',
      replace: 'if (vipId === "") {\n    await putBack',
    },
    {
      id: 'drain-refused-is-put-back',
      rule: 'a VIP that could not be drained is as it was before',
      find: "    await putBack(deps, { kind: 'vip', id: vipId }, held.state);\n",
      replace: '',
    },
    {
      id: 'drain-unproved-while-paused',
      rule: 'a holder that may be in standby while nobody promotes it is not called undrained',
      find: 'if (paused === null) return refused(',
      replace: "if (vipId !== '') return refused(",
    },
    {
      id: 'undrain-while-paused',
      rule: 'the control plane is not counted on where a human has paused it',
      find: 'if (paused === null) return `not promoted',
      replace: "if (why !== '') return `not promoted",
    },
    {
      id: 'drain-beside-a-paused-node',
      rule: 'the pause of the node counts there, too',
      find: 'clock.wallMs(), [holder.nodeId])).paused',
      replace: 'clock.wallMs(), [])).paused',
    },
    {
      id: 'undrain-not-what-died',
      rule: 'a holder that is no standby any more is left to the control plane',
      find: 'return lives ? null : ',
      replace: 'return holder !== null ? null : ',
    },
    {
      id: 'undrain-not-on-its-way',
      rule: 'a VIP on its way is promoted by its journal alone',
      find: "if (state.status !== 'held') return `",
      replace: "if (state.status === '') return `",
    },
    {
      id: 'undrain-promotes-a-standby',
      rule: 'a drained holder takes calls again',
      find: "verdict.kind === 'in-standby' || ",
      replace: '',
    },
    {
      id: 'undrain-undecided-may-live',
      rule: 'a holder that observers do not agree about is asked itself',
      find: " || verdict.kind === 'undecided'",
      replace: '',
    },
    {
      id: 'undrain-resumes',
      rule: 'a VIP whose drain is taken back is resumed whatever its node says',
      find: "  await deps.store.setPaused({ kind: 'vip', id: vipId }, false, null);\n",
      replace: "  if (answer.done) await deps.store.setPaused({ kind: 'vip', id: vipId }, false, null);\n",
    },
    {
      id: 'drained-moves-without-calls',
      rule: 'a drained VIP waits for its calls',
      find: 'if (!request.abandonCalls) {',
      replace: "if (request.vipId === '') {",
    },
    {
      id: 'drained-abandons-on-request',
      rule: 'an operator may abandon the calls',
      find: 'if (!request.abandonCalls) {',
      replace: 'if (request !== null) {',
    },
    {
      id: 'drained-uncounted-are-not-none',
      rule: 'calls that nobody can count are not taken for none',
      find: 'if (left.calls !== 0) return',
      replace: 'if ((left.calls ?? 0) !== 0) return',
    },
    {
      id: 'drained-node-paused-meanwhile',
      rule: 'no observer promotes the holder between resume and decision',
      find: '  await deps.store.setPaused(node, true, `${vip.id} leaves it drained, by ${deps.actor}`);\n',
      replace: '',
    },
    {
      id: 'drained-vip-resumed-to-decide',
      rule: 'a decision needs a VIP that is not paused',
      find: '    await deps.store.setPaused(vip, false, null);\n',
      replace: '',
    },
    {
      id: 'drained-refused-stays-drained',
      rule: 'a drained VIP whose move is refused stays drained',
      find: 'if (!result.decided) await deps.store.setPaused(vip, true,',
      replace: "if (request.vipId === '') await deps.store.setPaused(vip, true,",
    },
    {
      id: 'drained-decided-is-not-paused',
      rule: 'a move that is decided is not paused half-way',
      find: 'if (!result.decided) await deps.store.setPaused(vip, true,',
      replace: 'if (result !== null) await deps.store.setPaused(vip, true,',
    },
    {
      id: 'drained-pause-of-a-human-stays',
      rule: 'the pause of a human needs no other, and outlives the move',
      find: 'if (before?.paused === true && before.pausedUntilMs === null) return work();',
      replace: '',
    },
    {
      id: 'drained-window-may-end',
      rule: 'a window that may end in the middle is no pause to rely on',
      find: 'if (before?.paused === true && before.pausedUntilMs === null) return work();',
      replace: 'if (before?.paused === true) return work();',
    },
    {
      id: 'drained-node-resumed-after-an-error',
      rule: 'a node is resumed also where the answer was lost',
      find: `  try {
    return await work();
  } finally {
    await putBack(deps, node, before ?? { paused: false, pausedUntilMs: null });
  }`,
      replace: `  const done = await work();
  await putBack(deps, node, before ?? { paused: false, pausedUntilMs: null });
  return done;`,
    },
    {
      id: 'drained-window-that-ended-stays-over',
      rule: 'a window that is over is not opened again',
      find: 'const paused = isPaused(before, clock.wallMs());',
      replace: 'const { paused } = before;',
    },
    {
      id: 'drained-window-keeps-its-end',
      rule: 'a window ends when it was to end',
      find: 'await store.setPaused(subject, paused, reason, paused ? before.pausedUntilMs : null);',
      replace: 'await store.setPaused(subject, paused, reason, null);',
    },
    {
      id: 'drained-away-is-not-idle',
      rule: 'a node that does not answer has no known number of calls',
      find: "if ('why' in forecast) return { calls: null, why: forecast.why };",
      replace: "if ('why' in forecast) return { calls: 0, why: forecast.why };",
    },
    {
      id: 'drained-own-calls-alone',
      rule: 'the calls of other VIPs keep nobody waiting',
      find: 'forecast.vips.find((each) => each.vipId === vip.id)',
      replace: 'forecast.vips.find((each) => each.calls > 0)',
    },
    {
      id: 'drained-idle-node-is-a-proof',
      rule: 'without rows only an idle node has no call',
      find: 'if (forecast.sessions === 0) return',
      replace: 'if (forecast.sessions !== null) return',
    },
    {
      id: 'drained-order-never-throws',
      rule: 'an order whose answer was lost leaves the VIP as it was',
      find: '  } catch (error) {\n    return { done: false, why: describeError(error) };',
      replace: '  } catch (error) {\n    throw error;',
    },
    {
      id: 'drained-standby-said-no',
      rule: 'a node that refuses standby is in none',
      find: 'answer.demoted ? ',
      replace: 'answer !== null ? ',
    },
    {
      id: 'undrained-node-said-no',
      rule: 'a node that refuses to serve is not called promoted',
      find: 'answer.promoted ? ',
      replace: 'answer !== null ? ',
    },
  ]),
];
