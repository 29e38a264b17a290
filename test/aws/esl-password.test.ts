import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { OutsideCalls } from '../../lib/aws/call';
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

  it.each([
    ['plain', 'plain'],
    ['plain\n', 'plain'],
    ['{"password":"p w"}', 'p w'],
    ['{not json', '{not json'],
    ['{"password":""}', null],
    ['{"password":7}', null],
    ['', null],
    [undefined, null],
  ])('%j holds %j', (secret, expected) => {
    expect(passwordOf(secret)).toBe(expected);
  });
});
