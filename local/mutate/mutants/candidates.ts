/** Which nodes may take a VIP, and in which order. */
import { mutantsOf, type Mutant } from '../mutant';

export const CANDIDATES: Mutant[] = [
  ...mutantsOf(
    'lib/domain/transition.ts',
    ['test/domain/decide/'],
    [
      {
        id: 'room-for-the-carrier-alone',
        rule: 'only a first holder that callers are on already may have more VIPs than maxVipsPerNode',
        find: "kind === 'assignment' && to.nodeId === carrier",
        replace: 'to.nodeId === carrier',
      },
    ],
  ),
  ...mutantsOf(
    'lib/domain/candidates.ts',
    ['test/domain/decide', 'test/domain/ranking', 'test/domain/maintenance', 'test/domain/majorities'],
    [
      {
        id: 'candidate-seen-by-a-majority',
        rule: 'a majority sees a candidate fit',
        find: 'if (fit.length >= needed && coreUuid !== null) {',
        replace: 'if (fit.length >= 1 && coreUuid !== null) {',
      },
      {
        id: 'candidate-with-one-incarnation',
        rule: 'a majority reads one core_uuid from a candidate',
        find: 'fit.length >= needed && coreUuid !== null',
        replace: 'fit.length >= needed',
      },
      {
        id: 'candidate-does-not-shut-down',
        rule: 'a node that will end with its last call is no candidate',
        find: 'if (observation.esl.shutdownPending === true && !isThere) return false;',
        replace: '',
      },
      {
        id: 'carrier-may-shut-down',
        rule: 'the node that callers are on is given the VIP also where it will end with its last call',
        find: 'shutdownPending === true && !isThere',
        replace: 'shutdownPending === true',
      },
      {
        id: 'candidate-not-paused',
        rule: 'a paused node is no candidate',
        find: "if (state !== undefined && isPaused(state, nowMs)) return 'it is paused (maintenance)';",
        replace: '',
      },
      {
        id: 'candidate-not-locked-out',
        rule: 'a node out of service is no candidate',
        find: 'if (state !== undefined && state.lockedBy !== null) {',
        replace: 'if (state !== undefined && nowMs < 0) {',
      },
      {
        id: 'max-vips-per-node',
        rule: 'a node takes no more VIPs than maxVipsPerNode',
        find: 'if (others.length + moving.length <= maxVipsPerNode) return null;',
        replace: 'if (maxVipsPerNode > 0) return null;',
      },
      {
        id: 'clock-behind',
        rule: 'a node whose clock is behind is no candidate',
        find: 'if (ownMs > 0) {',
        replace: 'if (ownMs > 0 && nowMs < 0) {',
      },
      {
        id: 'clocks-left-out',
        rule: 'where no other node is fit a clock keeps nobody from service',
        find: 'esl: { ...each.esl, clockOffsetMs: null } });',
        replace: 'esl: { ...each.esl } });',
      },
      {
        id: 'ec2-says-stopping',
        rule: 'a node that EC2 is stopping is no candidate',
        find: 'if (down !== null && down !== IMPAIRED) return {',
        replace: 'if (down !== null && nowMs < 0) return {',
      },
      {
        id: 'manual-only',
        rule: 'a node that only an operator may choose is never chosen',
        find: 'each.eligible && !each.manualOnly',
        replace: 'each.eligible',
      },
      {
        id: 'busy-is-not-fit',
        rule: 'a node at its session limit is fit only where the callers are already',
        find: "(isThere && sip === 'busy')",
        replace: "sip === 'busy'",
      },
      {
        id: 'well-for-a-majority',
        rule: 'a node was well for as long as a majority agrees on',
        find: 'longestFirst[needed - 1]',
        replace: 'longestFirst[0]',
      },
      {
        id: 'candidate-of-each-vip',
        rule: 'a node is a candidate only where it is configured as one',
        find: 'if (!vip.candidates.includes(nodeId)) return',
        replace: 'if (nowMs < 0) return',
      },
    ],
  ),
  ...mutantsOf(
    'lib/domain/ranking.ts',
    ['test/domain/ranking', 'test/domain/clocks'],
    [
      {
        id: 'hold-down',
        rule: 'a node that came up a moment ago waits for its turn',
        find: 'return candidate.wellForMs < holdDownMs ? 1 : 0;',
        replace: 'return candidate.wellForMs < 0 * holdDownMs ? 1 : 0;',
      },
      {
        id: 'lagging-clock-last',
        rule: 'a node whose clock is behind the old holder’s waits for its turn',
        find: 'if (candidate.behindHolderMs > 0) return 2;',
        replace: '',
      },
      {
        id: 'lost-zone-last',
        rule: 'a node beside a lost observer comes last',
        find: 'lostZone !== null && zoneOf(snapshot, candidate.nodeId) === lostZone ? 1 : 0',
        replace: 'lostZone !== null ? 0 : 0',
      },
    ],
  ),
  ...mutantsOf(
    'lib/domain/clocks.ts',
    ['test/domain/clocks'],
    [
      {
        id: 'clock-of-the-old-holder',
        rule: 'a candidate’s clock is held against the old holder’s',
        find: 'each.nodeId === holderId && each.zone === zone',
        replace: 'each.nodeId === null && each.zone === zone',
      },
      {
        id: 'clock-behind-for-a-majority',
        rule: 'a majority finds a clock behind',
        find: 'tooFar.length >= quorumOf(observers.length)',
        replace: 'tooFar.length >= 1',
      },
    ],
  ),
  ...mutantsOf(
    'lib/domain/first-places.ts',
    ['test/domain/decide/', 'test/domain/ranking'],
    [
      {
        id: 'first-holder-never-manual-only',
        rule: 'a first assignment takes no node that only an operator may choose',
        find: "{ nodeId: null, by: 'control-plane' }",
        replace: "{ nodeId: null, by: 'operator' }",
      },
      {
        id: 'first-places-where-the-group-is',
        rule: 'a VIP begins where others of its group are',
        find: 'toNodeId: whereItsGroupIs(snapshot, unit, carriers)',
        replace: 'toNodeId: unit.toNodeId',
      },
      {
        id: 'first-places-where-the-group-will-be',
        rule: 'also where their callers are, and nobody holds them yet',
        find: '?? carriers.get(id) ?? []',
        replace: '?? []',
      },
      {
        id: 'first-places-of-that-group',
        rule: 'and not where another group is',
        find: '.filter(({ group }) => group === first.group)',
        replace: '',
      },
      {
        id: 'first-places-on-candidates',
        rule: 'a node that is a candidate no more gets nothing new',
        find: 'nodeIds.find((nodeId) => first.candidates.includes(nodeId)) ?? null',
        replace: 'nodeIds[0] ?? null',
      },
      {
        id: 'first-places-one-after-the-other',
        rule: 'of a group one begins before the others',
        find: 'leader === undefined || leader.id === id ? null : leader.id',
        replace: 'leader === null ? id : null',
      },
      {
        id: 'first-places-after-no-paused-one',
        rule: 'but none that is paused',
        find: 'return state !== undefined && !isPaused(state, nowMs);',
        replace: 'return state !== undefined && nowMs > 0;',
      },
      {
        id: 'first-places-beside-carriers',
        rule: 'a first place leaves room for VIPs whose callers are there',
        find: 'withClaims(known, carriers.get(vip.id) ?? null, [vip])',
        replace: 'withClaims(known, null, [vip])',
      },
    ],
  ),
  ...mutantsOf(
    'lib/domain/assign.ts',
    ['test/domain/decide/', 'test/domain/ranking'],
    [
      {
        id: 'first-choice-patience',
        rule: 'a first assignment waits for a more preferred node that still boots',
        find: 'if (mayStillBoot(snapshot, preferred, nowMs)) {',
        replace: 'if (nowMs < 0) {',
      },
      {
        id: 'callers-stay-put',
        rule: 'callers of an adopted cluster stay on the node that carries the address',
        find: 'if (nodeId === null || state === undefined || isDead(',
        replace: 'if (nodeId === null || state === undefined || nowMs > 0 || isDead(',
      },
      {
        id: 'carrier-has-room',
        rule: 'the node that callers are on is given the VIP whatever else it carries',
        find: 'const candidate = judgeCarrier(snapshot, vip, nodeId, nowMs);',
        replace:
          "const candidate = { ...judgeCarrier(snapshot, vip, nodeId, nowMs), eligible: snapshot.nodes.every((each) => each.claims.length === 0) as true, coreUuid: '' } as never as ReturnType<typeof judgeCarrier>;",
      },
      {
        id: 'unseen-is-not-dead',
        rule: 'those who never saw the carrier alive see no death in its silence',
        find: 'isDeadTo(witnessesOf(snapshot, nodeId))',
        replace: 'isDeadTo(snapshot.observations)',
      },
      {
        id: 'unseen-and-stopped',
        rule: 'but for EC2, which says that it does not run',
        find: 'instanceNotRunning(snapshot.instances, nodeId, 0) !== null && isDeadTo',
        replace: 'nowMs < 0 && isDeadTo',
      },
      {
        id: 'unseen-by-a-majority',
        rule: 'a carrier that a minority saw alive is named as waited for',
        find: 'witnessesOf(snapshot, carrier).length >= quorumOf(observers.length)',
        replace: 'witnessesOf(snapshot, carrier).length > 0',
      },
      {
        id: 'no-holder-pages',
        rule: 'a VIP that nobody holds for long is told to a human',
        find: 'const isLate = nowMs >',
        replace: 'const isLate = nowMs < 0 && nowMs >',
      },
    ],
  ),
];
