/** When an observer says of itself that it does not know. */
import { mutantsOf, type Mutant } from '../mutant';

export const OBSERVERS: Mutant[] = [
  ...mutantsOf(
    'lib/operations/observe/local-health.ts',
    ['test/operations/observe/local-health'],
    [
      {
        id: 'cold-start-is-muted',
        rule: 'an observer that starts cold has no vote',
        find: ' ?? whyCold(before)',
        replace: '',
      },
      {
        id: 'jump-is-muted',
        rule: 'an observer whose clock jumped has no vote for a window',
        find: ' ?? health.jump?.why',
        replace: '',
      },
      {
        id: 'blind-a-moment-ago-is-muted',
        rule: 'an observer that was blind a moment ago has no vote',
        find: ' ?? whyBlindAMomentAgo(health, look, limits)',
        replace: '',
      },
    ],
  ),
  ...mutantsOf(
    'lib/operations/observe/blindness.ts',
    ['test/operations/observe/pure-parts'],
    [
      {
        id: 'blind-without-control-target',
        rule: 'who sees neither a node nor a control target is blind',
        find: 'return !(await controlTargetAnswers());',
        replace: 'return !(await controlTargetAnswers()) && looks.length < 0;',
      },
    ],
  ),
  ...mutantsOf(
    'lib/operations/observe/observation.ts',
    ['test/operations/observe/observation'],
    [
      {
        id: 'lost-packet-is-no-illness',
        rule: 'one miss that may be loss does not begin the time of being well anew',
        find: "verdict === 'silent' || verdict === 'malformed';",
        replace: "verdict === 'silent' && eslHistory < 0;",
      },
      {
        id: 'shutdown-that-waits-since-when',
        rule: 'a shutdown that waits for the last call takes a node out of service from its first look on',
        find: ' || shutdownPending === true;',
        replace: ';',
      },
      {
        id: 'shutdown-that-waits-is-written',
        rule: 'a shutdown that waits for the last call is worth a write',
        find: '    observation.esl.shutdownPending === true,\n',
        replace: '',
      },
      {
        id: 'refused-also-while-a-packet-is-lost',
        rule: 'a lost packet does not begin the time of a refusal anew',
        find: "return verdict === 'silent' || verdict === 'malformed' ? before : null;\n}\n\n/** A lost reply neither begins nor ends it. */\nfunction withdrawn",
        replace: 'return null;\n}\n\n/** A lost reply neither begins nor ends it. */\nfunction withdrawn',
      },
      {
        id: 'late-silence-says-nothing',
        rule: 'silence in a look that this process was too slow to end is no miss',
        find: "counts && !(look.late === true && verdict === 'silent')",
        replace: 'counts',
      },
      {
        id: 'another-incarnation-begins-anew',
        rule: 'another FreeSWITCH has been well only since it was first seen',
        find: 'const before = isAnother ? null',
        replace: 'const before = isAnother && startedAtMs < 0 ? null',
      },
    ],
  ),
  ...mutantsOf(
    'lib/operations/observe/local-health.ts',
    ['test/operations/observe/observer/', 'test/operations/observe/pure-parts'],
    [
      {
        id: 'late-looks-have-no-vote',
        rule: 'who got no answer in a late look does not vote',
        find: 'look.late === true && isSilent',
        replace: 'look.late === true && isSilent && look.esl.latencyMs === -1',
      },
    ],
  ),
];
