import { OutsideCalls } from '../lib/aws/call';
import { DatabaseSecrets } from '../lib/aws/database-secrets';
import type { WorkerAnswer } from '../lib/aws/database-worker';
import { secretsManagerClient } from '../lib/aws/esl-password';
import { PowertoolsLog } from '../lib/aws/logger';
import { SystemClock } from '../lib/aws/system-clock';
import { SystemRandom } from '../lib/aws/system-random';
import { setUpSharedDatabase } from '../lib/database/schema/shared-database';
import {
  parseServer,
  parseSetupRequest,
  prepareDatabase,
  type DatabaseSetupDeps,
} from '../lib/operations/database-setup';

/** Makes tables and roles of the shared database. Runs in the VPC and is asked by `database-deployment`. */
const SET_UP_TIMEOUT_MS = 15_000;
const deps = wire();

export function handler(event: unknown): Promise<WorkerAnswer> {
  return prepareDatabase(deps, parseSetupRequest(event));
}

function wire(): DatabaseSetupDeps {
  const log = new PowertoolsLog('database-setup');
  const server = parseServer(process.env['UNDERSTUDY_DATABASE_SERVER']);
  const secrets = new DatabaseSecrets(secretsManagerClient(), new OutsideCalls(new SystemClock(), new SystemRandom()));
  const { host, port, tls, name: database } = server;
  return {
    readLogin: (secretArn) => secrets.current(secretArn),
    setUp: async ({ username, password }, wanted) => {
      const admin = { host, port, tls, user: username, password };
      const { version, notes } = await setUpSharedDatabase(admin, { database, ...wanted }, SET_UP_TIMEOUT_MS);
      log.info('set up', { version, notes });
    },
    log,
  };
}
