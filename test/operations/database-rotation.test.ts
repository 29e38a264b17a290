import type { DatabaseLogin } from '../../lib/aws/database-secrets';
import { parseRotationEvent, rotate, ROTATION_STEPS, type RotationDeps } from '../../lib/operations/database-rotation';

const ARN = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:alice';

interface Version {
  stages: string[];
  login: DatabaseLogin | null;
}

/** A secret in the middle of a rotation to `next`, and the database that it belongs to. */
function stage(options: { enabled?: boolean; next?: Version; signIn?: 'locked' | 'rejected' } = {}) {
  const versions: Record<string, Version> = {
    first: { stages: ['AWSCURRENT'], login: { username: 'node_alice', password: 'old' } },
    next: options.next ?? { stages: ['AWSPENDING'], login: null },
  };
  const passwords: Record<string, string> = { node_alice: 'old' };
  const currentId = () => Object.keys(versions).find((id) => versions[id]?.stages.includes('AWSCURRENT')) ?? '';
  let made = 0;
  const deps: RotationDeps = {
    secrets: {
      describe: () =>
        Promise.resolve({
          enabled: options.enabled ?? true,
          stages: Object.fromEntries(Object.entries(versions).map(([id, { stages }]) => [id, stages])),
        }),
      read: (_arn, versionId = currentId()) => Promise.resolve(versions[versionId]?.login ?? null),
      putPending: (_arn, versionId, login) => {
        versions[versionId] = { stages: ['AWSPENDING'], login };
        return Promise.resolve();
      },
      makeCurrent: (_arn, versionId, previousId) => {
        if (previousId !== null && versions[previousId] !== undefined) versions[previousId].stages = ['AWSPREVIOUS'];
        versions[versionId]?.stages.push('AWSCURRENT');
        return Promise.resolve();
      },
    },
    database: {
      setPassword: (role, password) => {
        passwords[role] = password;
        return Promise.resolve();
      },
      trySignIn: ({ username, password }) => {
        if (passwords[username] !== password) return Promise.resolve('rejected');
        return Promise.resolve(options.signIn ?? 'ok');
      },
    },
    newPassword: () => `new-${(made += 1)}`,
  };
  const step = (Step: (typeof ROTATION_STEPS)[number], ClientRequestToken = 'next') =>
    rotate(deps, { Step, SecretId: ARN, ClientRequestToken });
  return { deps, versions, passwords, step };
}

/** The call is done, and its answer lost; the next one is well again. */
function breaksOffOnce<Name extends string>(
  of: Record<Name, (...args: never[]) => Promise<unknown>>,
  call: Name,
): void {
  const real = of[call];
  of[call] = async (...args) => {
    of[call] = real;
    await real.apply(of, args);
    throw new Error('no answer');
  };
}

describe('a rotation', () => {
  it('makes a password, gives it to the role, tries it, and only then makes it the current one', async () => {
    const { versions, passwords, step } = stage();
    await step('createSecret');
    expect(passwords['node_alice']).toBe('old');
    await step('setSecret');
    await step('testSecret');
    expect(versions['first']?.stages).toEqual(['AWSCURRENT']);
    await step('finishSecret');
    expect(passwords['node_alice']).toBe('new-1');
    expect(versions['next']?.login).toEqual({ username: 'node_alice', password: 'new-1' });
    expect(versions['next']?.stages).toContain('AWSCURRENT');
    expect(versions['first']?.stages).toEqual(['AWSPREVIOUS']);
  });

  it('takes every step twice, and keeps to the first password', async () => {
    const { versions, passwords, step } = stage();
    for (const each of ROTATION_STEPS) {
      await step(each);
      await step(each);
    }
    expect(passwords['node_alice']).toBe('new-1');
    expect(versions['next']?.login?.password).toBe('new-1');
  });

  it('whose new password is refused leaves the role with the one that the node has, and can begin again', async () => {
    const options: Parameters<typeof stage>[0] = { signIn: 'rejected' };
    const { passwords, step } = stage(options);
    await step('createSecret');
    await step('setSecret');

    await expect(step('testSecret')).rejects.toThrow(/does not take the new password of node_alice/);

    expect(passwords['node_alice']).toBe('old');
    delete options.signIn;
    for (const each of ROTATION_STEPS) await step(each);
    expect(passwords['node_alice']).toBe('new-1');
  });

  it.each(['setPassword', 'trySignIn'] as const)(
    'that the database breaks off at %s, after its effect, leaves the role with the password that the node has',
    async (call) => {
      const { deps, passwords, step } = stage();
      await step('createSecret');
      breaksOffOnce(deps.database, call);

      const steps = (async () => {
        await step('setSecret');
        await step('testSecret');
      })();

      await expect(steps).rejects.toThrow('no answer');
      expect(passwords['node_alice']).toBe('old');
    },
  );

  it('that fails before the secret is changed leaves the role with the old password, after it with the new one', async () => {
    const { deps, versions, passwords, step } = stage();
    await step('createSecret');
    await step('setSecret');
    const { makeCurrent } = deps.secrets;

    deps.secrets.makeCurrent = () => Promise.reject(new Error('no answer'));
    await expect(step('finishSecret')).rejects.toThrow('no answer');
    expect(passwords['node_alice']).toBe('old');

    deps.secrets.makeCurrent = makeCurrent;
    breaksOffOnce(deps.secrets, 'makeCurrent');
    await expect(step('finishSecret')).rejects.toThrow('no answer');
    expect(versions['next']?.stages).toContain('AWSCURRENT');
    expect(passwords['node_alice']).toBe('new-1');
  });

  it('asked again when it is finished sees that the role has the current password', async () => {
    const { passwords, step } = stage();
    for (const each of ROTATION_STEPS) await step(each);
    passwords['node_alice'] = 'old';

    await step('finishSecret');

    expect(passwords['node_alice']).toBe('new-1');
  });

  it('says so, and the remedy, when the node may be locked out', async () => {
    const { deps, step } = stage({ signIn: 'rejected' });
    await step('createSecret');
    const read = deps.secrets.read;
    deps.secrets.read = (arn, versionId) =>
      versionId === undefined ? Promise.reject(new Error('Secrets Manager is away')) : read(arn, versionId);

    await expect(step('testSecret')).rejects.toThrow(
      /does not take the new password.*could not be given back.*is away.*may be unable to sign in: rotate the secret/,
    );
  });

  it('is content with a node that is locked out: its password is right', async () => {
    const { step } = stage({ signIn: 'locked' });
    await step('createSecret');
    await step('setSecret');
    await expect(step('testSecret')).resolves.toBeUndefined();
  });

  it('touches nothing when the secret is not rotated, or the version is not its own', async () => {
    await expect(stage({ enabled: false }).step('createSecret')).rejects.toThrow(/not set to be rotated/);
    await expect(stage().step('setSecret', 'unknown')).rejects.toThrow(/no version unknown/);
    const stale = stage({ next: { stages: ['AWSPREVIOUS'], login: null } });
    await expect(stale.step('setSecret')).rejects.toThrow(/not pending/);
    expect(stale.passwords['node_alice']).toBe('old');
  });

  it('says no password in an error', async () => {
    const { step } = stage({ signIn: 'rejected' });
    await step('createSecret');
    const error = await step('testSecret').catch((reason: unknown) => reason);
    expect(String(error)).not.toMatch(/new-1|old/);
  });
});

test.each([undefined, {}, { Step: 'createSecret' }, { Step: 'guess', SecretId: ARN, ClientRequestToken: 'x' }])(
  'an event that is none is refused: %j',
  (event) => {
    expect(() => parseRotationEvent(event)).toThrow(/not an event of a rotation/);
  },
);
