import { OutsideCalls } from '../lib/aws/call';
import { DatabaseSecrets, newPassword, type DatabaseLogin } from '../lib/aws/database-secrets';
import { requireEnv } from '../lib/aws/environment';
import { secretsManagerClient } from '../lib/aws/esl-password';
import { PowertoolsLog } from '../lib/aws/logger';
import { SystemClock } from '../lib/aws/system-clock';
import { SystemRandom } from '../lib/aws/system-random';
import { setRolePassword, trySignIn } from '../lib/database/role-password';
import { parseRotationEvent, rotate, type RotationDeps } from '../lib/operations/database-rotation';
import { parseServer } from '../lib/operations/database-setup';

/** Gives a node's login role a new password, step by step, as Secrets Manager asks. */
const log = new PowertoolsLog('database-rotation');
const deps = wire();

export async function handler(event: unknown): Promise<void> {
  const rotation = parseRotationEvent(event);
  await rotate(deps, rotation);
  log.info('done', { step: rotation.Step, secret: rotation.SecretId });
}

function wire(): RotationDeps {
  const server = parseServer(process.env['UNDERSTUDY_DATABASE_SERVER']);
  const adminSecretArn = requireEnv('UNDERSTUDY_ADMIN_SECRET_ARN');
  const secrets = new DatabaseSecrets(secretsManagerClient(), new OutsideCalls(new SystemClock(), new SystemRandom()));
  const { host, port, tls, name } = server;
  const loginOf = ({ username, password }: DatabaseLogin) => ({ host, port, tls, user: username, password });
  return {
    secrets,
    newPassword,
    database: {
      setPassword: async (role, password) =>
        setRolePassword(loginOf(await secrets.current(adminSecretArn)), name, role, password),
      trySignIn: (login) => trySignIn(loginOf(login), name),
    },
  };
}
