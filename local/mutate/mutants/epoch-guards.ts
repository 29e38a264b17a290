/** The epoch is read again before each mutation: each of those reads, taken away one by one. */
import { mutantsOf, type Mutant } from '../mutant';

const GUARDS = ['test/operations/guard-before-mutation'];

export const EPOCH_GUARDS: Mutant[] = [
  ...mutantsOf(
    'lib/operations/converge/overdue.ts',
    ['test/operations/converge.test'],
    [
      {
        id: 'paused-is-not-stuck',
        rule: 'a transition that a human paused is not called stuck',
        find: 'return !metPause && deps',
        replace: 'return deps',
      },
    ],
  ),
  ...mutantsOf(
    'lib/operations/converge/overdue.ts',
    ['test/operations/converge-calls'],
    [
      {
        id: 'tried-calls-are-not-stuck',
        rule: 'while calls are tried a change of holder whose callers are served is not called stuck',
        find: ' && !triesCalls(context, waiting)',
        replace: '',
      },
      {
        id: 'tried-calls-of-the-unserved-are-stuck',
        rule: 'one whose callers are not served is',
        find: "waiting.every((step) => step === 'recover') && ",
        replace: '',
      },
      {
        id: 'tried-calls-for-so-long',
        rule: 'calls that are not given up by themselves are a human’s after recoverFor',
        find: ' && recoveredForMs(context) < recoverForMs',
        replace: '',
      },
    ],
  ),
  ...mutantsOf(
    'lib/operations/converge/guard.ts',
    ['test/operations/converge.test', 'test/operations/maintenance', 'test/operations/converge-begin'],
    [
      {
        id: 'superseded-stops',
        rule: 'a stale converger stops at its next mutation',
        find: 'if (epoch !== transition.epoch) throw',
        replace: 'if (epoch < 0) throw',
      },
      {
        id: 'paused-in-mid-move',
        rule: 'a pause stops a move half-way',
        find: 'if (paused !== null) throw',
        replace: 'if (epoch < 0 && paused !== null) throw',
      },
      {
        id: 'paused-node-that-takes-over',
        rule: 'a pause of the node that takes over stops a move half-way',
        find: 'isComplete(context) ? [] : [context.to.id]',
        replace: '[]',
      },
      {
        id: 'paused-holder-and-the-old-node',
        rule: 'a pause of the new holder stops nothing about the old node once the change is complete',
        find: 'isComplete(context) ? [] : [context.to.id]',
        replace: '[context.to.id]',
      },
      {
        id: 'paused-node-that-is-left',
        rule: 'a pause of the node that is left stops a planned move that has taken nothing',
        find: 'left === null ? takingOver : [...takingOver, left.id]',
        replace: 'takingOver',
      },
      {
        id: 'paused-node-that-serves-nobody',
        rule: 'it stops none where the process has ended',
        find: 'left !== null && !(await serves(context, left))',
        replace: "left?.id === ''",
      },
      {
        id: 'paused-node-that-was-taken-from',
        rule: 'nor one that has taken something',
        find: ' || !nothingIsTaken(context)',
        replace: '',
      },
      {
        id: 'paused-node-that-was-drained',
        rule: 'nor one of a drained VIP, whose node may be left for maintenance',
        find: ' || wasDrained(context)',
        replace: '',
      },
      {
        id: 'paused-node-of-a-failover',
        rule: 'nor a failover, whose holder is dead',
        find: '!isPlanned(context) || ',
        replace: '',
      },
      {
        id: 'paused-candidate-that-died',
        rule: 'the node that is left is the one that served when the chain began',
        find: 'const left = firstHolder(context);',
        replace: 'const left = context.transition.from;',
      },
      {
        id: 'paused-target-keeps-from-watch',
        rule: 'a pause of the new holder alone keeps nobody unwatched for as long as it lasts',
        find: 'left !== null && (await read([left.id])).paused === null',
        replace: "left?.id === ''",
      },
      {
        id: 'paused-holder-beside-the-target',
        rule: 'a holder that is paused itself is not failed over: the move waits with it',
        find: '(await read([left.id])).paused === null',
        replace: 'epoch > 0',
      },
      {
        id: 'paused-node-that-nobody-can-ask',
        rule: 'a node that nobody can ask is spared',
        find: 'if (error instanceof OutsideTimeout) return true;',
        replace: 'if (error instanceof OutsideTimeout) return false;',
      },
    ],
  ),
  ...mutantsOf(
    'lib/operations/converge/run-steps.ts',
    ['test/operations/converge.test'],
    [
      {
        id: 'superseded-is-not-tried-again',
        rule: 'a step that was superseded ends the run',
        find: "if (outcome.kind === 'superseded') {\n      run.superseded = true;",
        replace: "if (outcome.kind === 'superseded') {",
        survives: 'the step still ends, every other step meets the same guard, and the journal refuses their records',
      },
    ],
  ),
  ...mutantsOf('lib/operations/converge/address.ts', GUARDS, [
    {
      id: 'guard-detach',
      rule: 'before the address is taken off',
      find: '  await context.guard();\n  // The exact association',
      replace: '  // The exact association',
    },
    {
      id: 'guard-take-from-a-stale-actor',
      rule: 'before a stale actor’s association is taken off',
      find: '  await context.guard();\n  if (before !== null) {',
      replace: '  if (before !== null) {',
    },
    {
      id: 'guard-attach',
      rule: 'before the address is put on, after it was taken from a stale actor',
      find: 'detach(before.associationId);\n    await context.guard();',
      replace: 'detach(before.associationId);',
    },
  ]),
  ...mutantsOf('lib/operations/converge/dns.ts', GUARDS, [
    {
      id: 'guard-dns',
      rule: 'before the name is swapped',
      find: '  await context.guard();\n',
      replace: '',
    },
    {
      id: 'dns-of-a-newer-epoch',
      rule: 'a name that carries a newer epoch is left alone',
      find: 'if (old !== null && (old.epoch ?? 0) > context.transition.epoch) {',
      replace: 'if (old !== null && (old.epoch ?? 0) < 0) {',
      tests: ['test/operations/no-effect-without-proof'],
    },
    {
      id: 'higher-mark-is-for-a-human',
      rule: 'a record with a higher epoch than the table ends no other step, and is told',
      find: 'throw new OutsideRefused(',
      replace: 'throw new Error(',
      tests: ['test/operations/converge-name'],
    },
  ]),
  ...mutantsOf('lib/operations/converge/fence.ts', GUARDS, [
    {
      id: 'guard-shutdown',
      rule: 'before the old process is ended',
      find: '  await context.guard();\n  const order =',
      replace: '  const order =',
    },
    {
      id: 'guard-demote',
      rule: 'before the old holder is put into standby',
      find: '  await context.guard();\n  const answer =',
      replace: '  const answer =',
    },
  ]),
  ...mutantsOf('lib/operations/converge/lock.ts', GUARDS, [
    {
      id: 'guard-lock',
      rule: 'before a role is locked',
      find: '  await context.guard();\n',
      replace: '',
    },
  ]),
  ...mutantsOf('lib/operations/converge/promote.ts', GUARDS, [
    {
      id: 'guard-promote',
      rule: 'before a standby is ended',
      find: '  await context.guard();\n  // Nothing but',
      replace: '  // Nothing but',
    },
    {
      id: 'guard-tag',
      rule: 'before the address is marked with the epoch',
      find: '    await context.guard();\n    // The tag',
      replace: '    // The tag',
    },
  ]),
  ...mutantsOf('lib/operations/converge/recover.ts', GUARDS, [
    {
      id: 'guard-recover',
      rule: 'before calls are rebuilt',
      find: '  await context.guard();\n  const result =',
      replace: '  const result =',
    },
  ]),
  ...mutantsOf('lib/operations/converge/take-registrations.ts', GUARDS, [
    {
      id: 'guard-registrations',
      rule: 'before registrations are taken over',
      find: '  await context.guard();\n',
      replace: '',
    },
  ]),
  ...mutantsOf('lib/operations/converge/stop.ts', GUARDS, [
    {
      id: 'guard-stop',
      rule: 'before the old node is stopped',
      find: '    await context.guard();\n',
      replace: '',
    },
  ]),
  ...mutantsOf('lib/operations/converge/restore.ts', GUARDS, [
    {
      id: 'guard-restore',
      rule: 'before the old node is let in and started',
      find: 'guard: () => context.guard()',
      replace: 'guard: () => Promise.resolve()',
    },
  ]),
];
