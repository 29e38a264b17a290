import fc from 'fast-check';
import { answer, OutsideCalls, type CallPolicy } from '../../lib/aws/call';
import { classify } from '../../lib/aws/failures';
import { OutsideRefused, OutsideTimeout } from '../../lib/domain/errors';
import { seededRandom, VirtualClock } from '../support/virtual-clock';

const POLICY: CallPolicy = {
  attemptTimeoutMs: 1_000,
  totalTimeoutMs: 5_000,
  maxAttempts: 4,
  backoffBaseMs: 100,
  backoffCapMs: 800,
};
const CALLEE = { service: 'ec2', action: 'AssociateAddress', resource: 'Elastic IP eipalloc-1' };

/** An error as the SDK throws it. */
function sdkError(name: string, httpStatusCode = 400, extra: Record<string, unknown> = {}): Error {
  return Object.assign(new Error(`${name} happened`), { name, $metadata: { httpStatusCode }, ...extra });
}

/** Runs the call to its end in virtual time. */
async function outcomeOf<T>(
  clock: VirtualClock,
  call: Promise<T>,
): Promise<{ value?: T; error?: unknown; tookMs: number }> {
  let settled: { value?: T; error?: unknown } | null = null;
  call.then(
    (value) => (settled = { value }),
    (error: unknown) => (settled = { error }),
  );
  const tookMs = await clock.until(() => settled !== null, 60_000);
  return { ...(settled ?? {}), tookMs };
}

function scenario(policy = POLICY, seed = 1, callee = CALLEE) {
  const clock = new VirtualClock();
  const calls = new OutsideCalls(clock, seededRandom(seed));
  let attempts = 0;
  const run = async (attempt: (count: number, signal: AbortSignal) => Promise<string>) => {
    const call = calls.run(callee, policy, (signal) => attempt((attempts += 1), signal));
    return { ...(await outcomeOf(clock, call)), attempts };
  };
  return { clock, run };
}

const never = (): Promise<string> => new Promise(() => undefined);

describe('a call to the outside', () => {
  it('answers what was answered, at once', async () => {
    const { run, clock } = scenario();
    expect(await run(() => Promise.resolve('yes'))).toEqual({ value: 'yes', tookMs: 0, attempts: 1 });
    expect(clock.asleep).toBe(0);
  });

  it.each([
    ['throttling', sdkError('RequestLimitExceeded', 503)],
    ['a server error', sdkError('InternalError', 500)],
    ['a cut socket', Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })],
    ['a conflict with another transaction', sdkError('TransactionCanceledException')],
  ])('is tried again after %s', async (_what, error) => {
    const { run } = scenario();
    const result = await run((count) => (count < 3 ? Promise.reject(error) : Promise.resolve('yes')));
    expect(result).toMatchObject({ value: 'yes', attempts: 3 });
  });

  it('is given up per attempt, closing its socket, and tried again', async () => {
    const { run } = scenario();
    const aborted: number[] = [];
    const result = await run((count, signal) => {
      signal.addEventListener('abort', () => aborted.push(count));
      return count === 1 ? never() : Promise.resolve('yes');
    });
    expect(result).toMatchObject({ value: 'yes', attempts: 2 });
    expect(result.tookMs).toBeGreaterThanOrEqual(1_000);
    expect(aborted).toContain(1);
  });

  it('is not tried again when that cannot help, and names the permission', async () => {
    const { run } = scenario();
    const { error, attempts } = await run(() => Promise.reject(sdkError('UnauthorizedOperation', 403)));
    expect(attempts).toBe(1);
    expect(error).toBeInstanceOf(OutsideRefused);
    expect(String(error)).toContain('ec2:AssociateAddress on Elastic IP eipalloc-1 was refused');
    expect(String(error)).toContain("grant ec2:AssociateAddress on it to this function's role");
  });

  it('gives up after its attempts, and keeps the cause', async () => {
    const { run } = scenario();
    const cause = sdkError('Throttling');
    const { error, attempts } = await run(() => Promise.reject(cause));
    expect(attempts).toBe(POLICY.maxAttempts);
    expect(error).toBeInstanceOf(OutsideTimeout);
    expect(error).toMatchObject({ cause });
  });

  it('ends inside its deadline, whatever happens', async () => {
    const fate = fc.constantFrom('silence', 'throttle', 'server-error');
    await fc.assert(
      fc.asyncProperty(fc.array(fate, { minLength: 20, maxLength: 20 }), fc.nat(), async (fates, seed) => {
        const { run, clock } = scenario({ ...POLICY, maxAttempts: 20 }, seed);
        const result = await run((count) =>
          fates[count - 1] === 'silence' ? never() : Promise.reject(sdkError('InternalError', 500)),
        );
        expect(result.error).toBeInstanceOf(OutsideTimeout);
        // The virtual clock looks every 10 ms.
        expect(result.tookMs).toBeLessThanOrEqual(POLICY.totalTimeoutMs + 10);
        expect(clock.asleep).toBe(0);
      }),
      { numRuns: 25 },
    );
  });
});

describe('an answer in the shape of an error', () => {
  it('becomes a value by its name; others pass through', async () => {
    const gone = Promise.reject(sdkError('InvalidAssociationID.NotFound'));
    expect(await answer(gone, ['InvalidAssociationID.NotFound'], () => 'gone')).toBe('gone');
    const denied = Promise.reject(sdkError('UnauthorizedOperation'));
    await expect(answer(denied, ['InvalidAssociationID.NotFound'], () => 'gone')).rejects.toThrow(
      'UnauthorizedOperation',
    );
  });
});

describe('a call that is not allowed', () => {
  const refusal = async (message: string): Promise<string> => {
    const denied = Object.assign(new Error(message), { name: 'AccessDeniedException' });
    const { error } = await scenario().run(() => Promise.reject(denied));
    return (error as Error).message;
  };

  it('names the permission that is missing', async () => {
    expect(await refusal('not authorized')).toMatch(/grant ec2:AssociateAddress on it to this function's role$/);
  });

  it.each([
    'Access to KMS is not allowed',
    'User: arn:aws:sts::1:assumed-role/r is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:key/k',
  ])('names the key, where the key is what refuses: %s', async (says) => {
    const message = await refusal(says);

    expect(message).toContain('allow the role kms:Decrypt in the policy of that key');
    expect(message).toContain(says);
    expect(message).not.toContain('grant ec2:');
  });
});

describe('what whoever types an operator’s command meets first', () => {
  const said = async (name: string, message: string, callee = CALLEE): Promise<string> => {
    const { error } = await scenario(POLICY, 1, callee).run(() =>
      Promise.reject(Object.assign(new Error(message), { name })),
    );
    return (error as Error).message;
  };

  it.each([
    ['no region', 'Error', 'Region is missing', 'set AWS_REGION'],
    ['no credentials', 'CredentialsProviderError', 'Could not load credentials from any providers', 'set AWS_PROFILE'],
  ])('%s is told with its remedy', async (_words, name, message, remedy) => {
    expect(await said(name, message)).toContain(remedy);
  });

  it('a table that there is not is told with the place of its name', async () => {
    const query = { service: 'dynamodb', action: 'Query', resource: 'table T' };
    expect(await said('ResourceNotFoundException', 'no such thing', query)).toContain('output TableName of the State');
  });

  it('anything else is told as AWS says it', async () => {
    expect(await said('ResourceNotFoundException', 'no such thing')).toMatch(/was refused .*: no such thing/);
  });
});

describe('classifying', () => {
  it.each([
    [sdkError('ThrottledException', 400, { Code: 'Throttled' }), 'transient'],
    [sdkError('PriorRequestNotComplete'), 'transient'],
    [sdkError('TooManyRequestsException', 429), 'transient'],
    [Object.assign(new Error('x'), { code: 'EAI_AGAIN' }), 'transient'],
    [new Error('socket hang up'), 'transient'],
    [sdkError('ValidationException'), 'final'],
    [sdkError('AccessDeniedException'), 'final'],
    ['a text', 'final'],
    [null, 'final'],
  ])('%s', (error, expected) => expect(classify(error)).toBe(expected));
});
