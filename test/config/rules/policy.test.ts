import { BASE, HERE, problemsOf, replaceOnce } from '../fixture';
import { ADOPT, RTP, refusesEach } from '../mistakes';

const policy = (lines: string): [string, string][] => [[RTP, `    policy:\n${lines}${RTP}`]];

refusesEach('policy', [
  {
    name: 'probes that never rest',
    change: policy(`      probeInterval: 100ms${HERE}\n      probeTimeout: 50ms\n`),
    path: 'clusters[0].policy.probeInterval',
    says: /200ms to 10s; here is 100ms/,
  },
  {
    name: 'a timeout as long as the interval',
    change: policy(`      probeTimeout: 1s${HERE}\n`),
    path: 'clusters[0].policy.probeTimeout',
    says: /below probeInterval \(1s\)/,
  },
  {
    name: 'a timeout that no switch can keep',
    change: policy(`      probeTimeout: 10ms${HERE}\n`),
    path: 'clusters[0].policy.probeTimeout',
    says: /50ms to 5s/,
  },
  {
    name: 'a heartbeat faster than the probes',
    change: policy(`      probeInterval: 2s\n      heartbeat: 1s${HERE}\n`),
    path: 'clusters[0].policy.heartbeat',
    says: /at least probeInterval \(2s\)/,
  },
  {
    name: 'a heartbeat of two minutes',
    change: policy(`      heartbeat: 90s${HERE}\n      freshFor: 2m\n`),
    path: 'clusters[0].policy.heartbeat',
    says: /1s to 1m/,
  },
  {
    name: 'votes that go stale between two heartbeats',
    change: policy(`      freshFor: 6s${HERE}\n`),
    path: 'clusters[0].policy.freshFor',
    says: /above heartbeat \+ probeInterval \+ probeTimeout \(6400ms\)/,
  },
  {
    name: 'votes that never go stale',
    change: policy(`      freshFor: 1h${HERE}\n`),
    path: 'clusters[0].policy.freshFor',
    says: /2s to 2m/,
  },
  {
    name: 'a VIP that may flap',
    change: policy(`      blockPeriod: 1s${HERE}\n`),
    path: 'clusters[0].policy.blockPeriod',
    says: /1m to 24h/,
  },
  {
    name: 'SIP silence believed sooner than death',
    change: policy(`      sipStuckAfterMisses: 2${HERE}\n`),
    path: 'clusters[0].policy.sipStuckAfterMisses',
    says: /at least suspectAfterMisses \(5\)/,
  },
  {
    name: 'more looks than an observer remembers',
    change: policy(`      suspectAfterMisses: 31${HERE}\n`),
    path: 'clusters[0].policy.suspectAfterMisses',
    says: /at most 30; here is 31/,
  },
  {
    name: 'misses and slack that are together more than an observer remembers',
    change: policy(`      sipStuckAfterMisses: 28\n      missSlack: 3${HERE}\n`),
    path: 'clusters[0].policy.missSlack',
    says: /with 28 misses it asks for 31 looks, and an observer remembers 30/,
  },
  {
    name: 'as many answers as misses in a death',
    change: policy(`      suspectAfterMisses: 3\n      missSlack: 3${HERE}\n`),
    path: 'clusters[0].policy.missSlack',
    says: /below suspectAfterMisses \(3\)/,
  },
  {
    name: 'dissent that is overruled at once',
    change: policy(`      probeInterval: 500ms\n      dissentHold: 500ms${HERE}\n`),
    path: 'clusters[0].policy.dissentHold',
    says: /1s to 1m; here is 500ms/,
  },
  {
    name: 'dissent that is overruled before anybody looks again',
    change: policy(`      probeInterval: 3s\n      dissentHold: 2s${HERE}\n`),
    path: 'clusters[0].policy.dissentHold',
    says: /at least probeInterval \(3s\)/,
  },
  {
    name: 'a preset that nobody knows',
    change: policy(`      preset: paranoid${HERE}\n`),
    path: 'clusters[0].policy.preset',
    says: /conservative.*balanced.*aggressive/,
  },
  {
    name: 'an order of candidates that nobody knows',
    change: policy(`      candidateOrder: random${HERE}\n`),
    path: 'clusters[0].policy.candidateOrder',
    says: /listed.*least-loaded/,
  },
  {
    name: 'a candidate on probation for a day',
    change: policy(`      holdDown: 24h${HERE}\n`),
    path: 'clusters[0].policy.holdDown',
    says: /to 1h; here is 24h/,
  },
  {
    name: 'a way home that nobody knows',
    change: policy(`      failback: always${HERE}\n`),
    path: 'clusters[0].policy.failback',
    says: /never.*manual.*automatic/,
  },
  {
    name: 'a way home after some seconds',
    change: policy(`      failbackAfter: 30s${HERE}\n`),
    path: 'clusters[0].policy.failbackAfter',
    says: /1m to 24h; here is 30s/,
  },
  {
    name: 'an automatic way home inside the block period',
    change: policy(`      failback: automatic\n      failbackAfter: 5m${HERE}\n`),
    path: 'clusters[0].policy.failbackAfter',
    says: /at least blockPeriod and holdDown \(10m\)/,
  },
  {
    name: 'a cluster that may never fail over',
    change: policy(`      maxFailoversPerWindow: 0${HERE}\n`),
    path: 'clusters[0].policy.maxFailoversPerWindow',
    says: /at least 1; here is 0/,
  },
  {
    name: 'a limit over a moment',
    change: policy(`      failoverWindow: 10s${HERE}\n`),
    path: 'clusters[0].policy.failoverWindow',
    says: /1m to 24h; here is 10s/,
  },
  {
    name: 'an answer to a stuck SIP stack that nobody knows',
    change: policy(`      sipStuckAction: restart${HERE}\n`),
    path: 'clusters[0].policy.sipStuckAction',
    says: /failover.*page/,
  },
  {
    name: 'one lost datagram as a death',
    change: policy(`      suspectAfterMisses: 1${HERE}\n`),
    path: 'clusters[0].policy.suspectAfterMisses',
    says: /at least 2; here is 1/,
  },
  {
    name: 'a fraction of a VIP',
    change: policy(`      maxVipsPerNode: 1.5${HERE}\n`),
    path: 'clusters[0].policy.maxVipsPerNode',
    says: /a whole number; here is 1.5/,
  },
  {
    name: 'the return of a node that was never stopped',
    change: policy(`      stopFailedNode: false\n      restoreFailedNode: true${HERE}\n`),
    path: 'clusters[0].policy.restoreFailedNode',
    says: /was not stopped cannot be started again: write stopFailedNode: true, or restoreFailedNode: false/,
  },
  {
    name: 'an answer to a crash that nobody knows',
    change: policy(`      crashAction: reboot${HERE}\n`),
    path: 'clusters[0].policy.crashAction',
    says: /failover.*restart-in-place/,
  },
  {
    name: 'a grace of one second',
    change: policy(`      restartGrace: 1s${HERE}\n`),
    path: 'clusters[0].policy.restartGrace',
    says: /2s to 1m; here is 1s/,
  },
  {
    name: 'a grace shorter than any restart, where one is waited for',
    change: policy(`      crashAction: restart-in-place\n      restartGrace: 4s${HERE}\n`),
    path: 'clusters[0].policy.restartGrace',
    says: /takes about 6700ms until it is seen, .*; here is 4s\. Write more, or crashAction: failover/,
  },
  {
    name: 'calls without audio for an hour',
    change: policy(`      recoverFor: 1h${HERE}\n`),
    path: 'clusters[0].policy.recoverFor',
    says: /10s to 10m; here is 1h/,
  },
  {
    name: 'clocks finer than the network',
    change: policy(`      maxClockBehind: 10ms${HERE}\n`),
    path: 'clusters[0].policy.maxClockBehind',
    says: /100ms to 10s; here is 10ms/,
  },
]);

describe('SIP silence and a database that hangs', () => {
  const problems = (lines: string, database = '{ create: {} }'): string[] =>
    problemsOf(replaceOnce(BASE, RTP, `    database: ${database}\n    policy:\n${lines}${RTP}`)).map(
      ({ message }) => message,
    );
  // Six misses take 480 ms, and a database is slow after 500.
  const HASTY = '      probeTimeout: 80ms\n';

  it('is refused where silence is held against SIP before the database is seen to be slow', () => {
    expect(problems(HASTY)).toEqual([
      expect.stringMatching(/at least 9 with a database and a probeTimeout of 80ms.*here is 6/),
    ]);
  });

  it('is right from as many misses on as are asked for', () => {
    expect(problems(`${HASTY}      sipStuckAfterMisses: 8\n`)).toHaveLength(1);
    expect(problems(`${HASTY}      sipStuckAfterMisses: 9\n`)).toEqual([]);
  });

  it.each([
    ['there is no database', HASTY, 'none'],
    ['nothing is torn down for it', `${HASTY}      sipStuckAction: page\n`, '{ create: {} }'],
    ['it is a preset', '      preset: aggressive\n', '{ create: {} }'],
  ])('asks for nothing where %s', (_, lines, database) => {
    expect(problems(lines, database)).toEqual([]);
  });
});

refusesEach('paging and secrets', [
  {
    name: 'nobody to page',
    change: [['emails: [oncall@example.com]', `emails: []${HERE}`]],
    path: 'clusters[0].paging.emails',
    says: /at least 1 item/,
  },
  {
    name: 'no e-mail address',
    change: [['oncall@example.com]', `oncall]${HERE}`]],
    path: 'clusters[0].paging.emails[0]',
    says: /an e-mail address; here is "oncall"/,
  },
  {
    name: 'a secret of another region',
    base: ADOPT,
    change: [
      [
        'arn: arn:aws:secretsmanager:us-east-1:123456789012:secret:freeswitch-esl-AbCdEf',
        `arn: arn:aws:secretsmanager:eu-west-1:123456789012:secret:freeswitch-esl-AbCdEf${HERE}`,
      ],
    ],
    path: 'clusters[0].eslSecret.arn',
    says: /lives in eu-west-1: replicate it to us-east-1/,
  },
  {
    name: 'an account that YAML reads as a number',
    change: [['    region: us-east-1\n', `    region: us-east-1\n    account: 123456789012${HERE}\n`]],
    path: 'clusters[0].account',
    says: /in quotes/,
  },
]);
