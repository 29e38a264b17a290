import { type Failure, PRODUCT, runExchanges } from '../../../local/fuzz/run';
import type { Subject } from '../../../local/fuzz/exchanges/exchange';
import { loadRecordings } from '../../../local/fuzz/recordings';
import { EslCallSwitch } from '../../../lib/freeswitch/call-switch';
import { EslProbe } from '../../../lib/freeswitch/esl/esl-probe';
import { EslNodeControl } from '../../../lib/freeswitch/node-control';
import { OutsideRefused } from '../../../lib/domain/errors';
import type { EslEvidence, SipEvidence } from '../../../lib/domain/model';

const recordings = loadRecordings();
/** A busy machine takes ten times as long as an idle one. */
jest.setTimeout(60_000);

/** What the fuzzer says of a product, or of one that lies. */
async function failuresOf(subject: Subject, exchanges = 400): Promise<Failure[]> {
  const failures: Failure[] = [];
  const failed = (failure: Failure): void => void failures.push(failure);
  // Parts of 99: every hundredth would be played over real sockets.
  for (let seed = 1; seed <= exchanges / 99; seed += 1) {
    await runExchanges({ seed, exchanges: 99, recordings, subject, failed, progress: () => undefined });
  }
  return failures;
}

const answering = (evidence: Partial<EslEvidence>): Subject => ({
  ...PRODUCT,
  EslProbe: class {
    async ask() {
      const none = { verdict: 'silent', detail: 'a lie', latencyMs: 1, coreUuid: null, sessions: null } as const;
      return { evidence: { ...none, clockOffsetMs: null, shutdownPending: null, ...evidence }, sessionLimit: null };
    }
    close(): void {}
  },
});

const asking = (verdict: SipEvidence['verdict'], status: number | null): Subject => ({
  ...PRODUCT,
  // Asks like the product, so that there are answers, and then says something else.
  sendOptions: async (target) => {
    const { evidence } = await PRODUCT.sendOptions(target);
    return { evidence: { ...evidence, verdict, detail: 'a lie' }, status };
  },
});

describe('the judge of the fuzzer', () => {
  it('finds nothing wrong with the product', async () => {
    expect((await failuresOf(PRODUCT)).map(({ problems, index, seed }) => [seed, index, problems])).toEqual([]);
  });

  it.each(['ok', 'paused', 'stopping', 'refused', 'rejected', 'malformed'] as const)(
    'catches a probe that says %s of everything',
    async (verdict) => {
      expect(await failuresOf(answering({ verdict }))).not.toEqual([]);
    },
  );

  it('catches a probe that says silent although it was answered', async () => {
    const silent: Subject = {
      ...PRODUCT,
      EslProbe: class extends EslProbe {
        override async ask(timeoutMs: number) {
          const answer = await super.ask(timeoutMs);
          return { ...answer, evidence: { ...answer.evidence, verdict: 'silent' as const } };
        }
      },
    };

    expect(await failuresOf(silent)).not.toEqual([]);
  });

  it.each([
    ['an incarnation', { coreUuid: '8b192020-7368-4498-9b11-cbe10f48a784' }],
    ['sessions', { sessions: 123_456 }],
    ['a shutdown', { shutdownPending: true }],
    ['a message of several lines', { detail: 'a\nb' }],
    ['the password', { detail: 'it said s3cret-esl' }],
  ])('catches a probe that makes up %s', async (_, evidence) => {
    expect(await failuresOf(answering(evidence))).not.toEqual([]);
  });

  it.each([
    ['ok', 200],
    ['standby', 503],
    ['busy', 503],
    ['malformed', null],
    ['silent', null],
  ] as const)('catches OPTIONS that are %s whatever the answer was', async (verdict, status) => {
    expect(await failuresOf(asking(verdict, status))).not.toEqual([]);
  });

  it('catches OPTIONS that take the answer to somebody else', async () => {
    const careless: Subject = {
      ...PRODUCT,
      sendOptions: async (target) => {
        const result = await PRODUCT.sendOptions({ ...target, timeoutMs: target.timeoutMs });
        const took = result.status ?? 200;
        return { evidence: { verdict: 'ok', detail: `${took} OK`, latencyMs: 1 }, status: took };
      },
    };

    expect(await failuresOf(careless)).not.toEqual([]);
  });

  it('catches a fence without proof', async () => {
    const fences: Subject = {
      ...PRODUCT,
      EslNodeControl: class extends EslNodeControl {
        override async shutdownNow() {
          return { fenced: true, proof: 'none' } as const;
        }
      },
    };

    expect(await failuresOf(fences)).not.toEqual([]);
  });

  it('catches a promotion without proof', async () => {
    const promotes: Subject = {
      ...PRODUCT,
      EslNodeControl: class extends EslNodeControl {
        override async promote() {
          return { promoted: true, coreUuid: '8b192020-7368-4498-9b11-cbe10f48a784', proof: 'none' } as const;
        }
      },
    };

    expect(await failuresOf(promotes)).not.toEqual([]);
  });

  it('catches a recovery that no job of ours told', async () => {
    const recovers: Subject = {
      ...PRODUCT,
      EslCallSwitch: class extends EslCallSwitch {
        override async recoverProfiles() {
          return { replies: ['external: +OK 9 session(s)', 'second: +OK 9 session(s)'] };
        }
      },
    };

    expect(await failuresOf(recovers)).not.toEqual([]);
  });

  it('catches a state that was not told', async () => {
    const tells: Subject = {
      ...PRODUCT,
      EslCallSwitch: class extends EslCallSwitch {
        override async state() {
          const coreUuid = '8b192020-7368-4498-9b11-cbe10f48a784';
          return { coreUuid, paused: { inbound: false, outbound: false }, sessions: 1, clockOffsetMs: 0 };
        }
      },
    };

    expect(await failuresOf(tells)).not.toEqual([]);
  });

  it.each([
    ['throws what is no error of ours', () => Promise.reject(new TypeError('x is undefined')), 'threw'],
    ['never ends', () => new Promise<never>(() => undefined), 'never ended'],
    ['misses its deadline', () => new Promise<never>((_, reject) => setTimeout(reject, 60_000)), 'ended after'],
  ] as const)('catches a client that %s', async (_, open, told) => {
    const failures = await failuresOf({ ...PRODUCT, openForTask: open }, 99);

    expect(failures.some(({ problems }) => problems.some((problem) => problem.includes(told)))).toBe(true);
  });

  it('catches a client that leaves its timer running', async () => {
    const leaks: Subject = {
      ...PRODUCT,
      sendOptions: (target) => {
        setTimeout(() => undefined, 3_600_000);
        return PRODUCT.sendOptions(target);
      },
    };

    expect(JSON.stringify(await failuresOf(leaks, 99))).toContain('timers left running');
  });

  it('takes a refusal in the product’s own words', async () => {
    const refuses: Subject = {
      ...PRODUCT,
      openForTask: () => Promise.reject(new OutsideRefused('no')),
    };

    expect(await failuresOf(refuses, 99)).toEqual([]);
  });
});

describe('what is fuzzed', () => {
  it('comes to every good end too, so that a product that only refuses would be seen here', async () => {
    const ends = new Set<string>();
    const watched: Subject = {
      openForTask: async (...given) => {
        const connection = await PRODUCT.openForTask(...given);
        ends.add('opened');
        return connection;
      },
      EslProbe: class extends EslProbe {
        override async ask(timeoutMs: number) {
          const answer = await super.ask(timeoutMs);
          ends.add(answer.evidence.verdict);
          return answer;
        }
      },
      EslCallSwitch: class extends EslCallSwitch {
        override async state(...given: Parameters<EslCallSwitch['state']>) {
          const state = await super.state(...given);
          ends.add('state');
          return state;
        }
        override async recoverProfiles(...given: Parameters<EslCallSwitch['recoverProfiles']>) {
          const result = await super.recoverProfiles(...given);
          ends.add('recovered');
          return result;
        }
      },
      EslNodeControl: class extends EslNodeControl {
        override async shutdownNow(...given: Parameters<EslNodeControl['shutdownNow']>) {
          const proof = await super.shutdownNow(...given);
          ends.add(proof.fenced ? 'fenced' : 'not fenced');
          return proof;
        }
        override async promote(...given: Parameters<EslNodeControl['promote']>) {
          const result = await super.promote(...given);
          ends.add(result.promoted ? 'promoted' : 'not promoted');
          return result;
        }
      },
      sendOptions: async (target) => {
        const result = await PRODUCT.sendOptions(target);
        ends.add(`OPTIONS ${result.evidence.verdict}`);
        return result;
      },
    };

    await failuresOf(watched, 2_000);

    expect([...ends].sort()).toEqual(
      [
        'opened', 'ok', 'paused', 'stopping', 'refused', 'rejected', 'malformed', 'silent', 'state', 'recovered',
        'fenced', 'not fenced', 'promoted', 'not promoted', 'OPTIONS ok', 'OPTIONS busy', 'OPTIONS standby',
        'OPTIONS malformed', 'OPTIONS silent', 'OPTIONS refused',
      ].sort(),
    ); // prettier-ignore
  });
});
