import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { OutsideCalls } from '../../lib/aws/call';
import { ESL_SECRETS } from '../support/esl-secrets';
import { EslPassword, passwordOf } from '../../lib/aws/esl-password';
import { SystemRandom } from '../../lib/aws/system-random';
import { OutsideRefused } from '../../lib/domain/errors';

const MINUTE_MS = 60_000;
let nowMs: number;
let reads: number;
let answer: () => Promise<{ SecretString?: string }>;
let password: EslPassword;

beforeEach(() => {
  nowMs = 0;
  reads = 0;
  answer = () => Promise.resolve({ SecretString: 's3cret' });
  const client = new SecretsManagerClient({ region: 'us-east-1' });
  client.send = () => {
    reads += 1;
    return answer();
  };
  const clock = {
    wallMs: () => nowMs,
    monotonicMs: () => nowMs,
    // A deadline never comes on this clock; a pause between attempts ends at once.
    sleep: (ms: number) => (ms < 500 ? Promise.resolve() : new Promise<void>(() => undefined)),
  };
  const calls = new OutsideCalls(clock, new SystemRandom());
  password = new EslPassword({ client, secretArn: 'arn:aws:secretsmanager:x', calls, clock });
});

const refusal = (): Promise<never> => Promise.reject(Object.assign(new Error('no'), { name: 'AccessDeniedException' }));

/** An answer that comes when the test says so, or never. */
function hanging(): { answer: () => Promise<{ SecretString: string }>; says: (value: string) => void } {
  let says: (value: string) => void = () => undefined;
  const later = new Promise<{ SecretString: string }>((resolve) => {
    says = (value) => resolve({ SecretString: value });
  });
  return { answer: () => later, says: (value) => says(value) };
}

/** Whatever goes on in the background, and waits for nothing, has ended then. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** What waits for Secrets Manager to answer fails here, instead of hanging. */
const soon = <T>(what: Promise<T>): Promise<T> =>
  Promise.race([what, settled().then(() => Promise.reject(new Error('it still waits')))]);

describe('the ESL password', () => {
  it('is read once in five minutes, also by many at once', async () => {
    expect(await Promise.all([password.get(), password.get()])).toEqual(['s3cret', 's3cret']);
    nowMs = 4 * MINUTE_MS;
    await password.get();
    expect(reads).toBe(1);

    nowMs = 6 * MINUTE_MS;
    await password.get();
    expect(reads).toBe(2);
  });

  it('is read anew after it was refused, but not at every probe', async () => {
    await password.get();
    password.drop();
    await password.get();
    expect(reads).toBe(1);

    nowMs = 20_000;
    password.drop();
    answer = () => Promise.resolve({ SecretString: 'rotated' });
    expect(await password.get()).toBe('rotated');
  });

  it('goes on being used while Secrets Manager is away', async () => {
    await password.get();
    nowMs = 6 * MINUTE_MS;
    answer = refusal;

    expect(await password.get()).toBe('s3cret');
    await settled();
    expect(await password.get()).toBe('s3cret');
  });

  it('is used at once while Secrets Manager hangs, however old it is', async () => {
    await soon(password.get());
    nowMs = 60 * MINUTE_MS;
    answer = hanging().answer;

    expect(await soon(Promise.all([password.get(), password.get()]))).toEqual(['s3cret', 's3cret']);
    expect(reads).toBe(2);
  });

  it('is replaced by the one that was read meanwhile', async () => {
    await soon(password.get());
    nowMs = 6 * MINUTE_MS;
    const slow = hanging();
    answer = slow.answer;
    await soon(password.get());

    slow.says('rotated');
    await settled();

    expect(await soon(password.get())).toBe('rotated');
    expect(reads).toBe(2);
  });

  it('old and refused: the read that is under way is waited for', async () => {
    await soon(password.get());
    nowMs = 6 * MINUTE_MS;
    const slow = hanging();
    answer = slow.answer;
    await soon(password.get());

    password.drop();
    const next = password.get();
    slow.says('rotated');

    expect(await soon(next)).toBe('rotated');
    expect(reads).toBe(2);
  });

  it('refused while Secrets Manager is away: the old one is all there is', async () => {
    await soon(password.get());
    nowMs = 6 * MINUTE_MS;
    password.drop();
    answer = refusal;

    expect(await soon(password.get())).toBe('s3cret');
  });

  // Between two invocations a function is frozen, with what it had begun.
  it('a read that was frozen is waited for by nobody', async () => {
    await soon(password.get());
    nowMs = 6 * MINUTE_MS;
    answer = hanging().answer;
    await soon(password.get());

    nowMs = 60 * MINUTE_MS;
    password.drop();
    answer = () => Promise.resolve({ SecretString: 'rotated' });

    expect(await soon(password.get())).toBe('rotated');
  });

  it('a frozen read that answers after a newer one changes nothing', async () => {
    await soon(password.get());
    nowMs = 6 * MINUTE_MS;
    const frozen = hanging();
    answer = frozen.answer;
    await soon(password.get());
    nowMs = 60 * MINUTE_MS;
    password.drop();
    answer = () => Promise.resolve({ SecretString: 'rotated' });
    await soon(password.get());

    frozen.says('s3cret');
    await settled();

    expect(await soon(password.get())).toBe('rotated');
  });

  it('is as old as the question: what a frozen read brings is read anew once it is refused', async () => {
    await soon(password.get());
    nowMs = 6 * MINUTE_MS;
    const frozen = hanging();
    answer = frozen.answer;
    await soon(password.get());
    nowMs = 60 * MINUTE_MS;
    frozen.says('older');
    await settled();

    password.drop();
    answer = () => Promise.resolve({ SecretString: 'rotated' });

    expect(await soon(password.get())).toBe('rotated');
  });

  it('never read: the error names the secret and the remedy', async () => {
    answer = refusal;

    await expect(password.get()).rejects.toThrow(/secretsmanager:GetSecretValue on arn:aws:secretsmanager:x.*grant/);
  });

  it('a secret without a password is refused, without saying what it holds', async () => {
    answer = () => Promise.resolve({ SecretString: '{"user":"x7y7"}' });

    const failure = await password.get().catch((error: unknown) => error);

    expect(failure).toBeInstanceOf(OutsideRefused);
    expect(String(failure)).not.toContain('x7y7');
  });

  it.each([...ESL_SECRETS, ['{"password":"p w"}', 'p w'], [undefined, null]] as const)(
    '%j holds %j',
    (secret, expected) => {
      expect(passwordOf(secret)).toBe(expected);
    },
  );
});
