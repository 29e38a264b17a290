/** What a server of the laptop is made of before it starts: an initialised data folder and who may connect. */
import { execFile } from 'node:child_process';
import { chownSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { CONTROL_ROLE, OBSERVER_ROLE } from '../../lib/domain/database-names';
import { PostgresError } from './errors';
import type { PostgresPrograms } from './programs';
import type { ServerUser } from './server-user';

const INITDB_TIMEOUT_MS = 60_000;

export const ADMIN_USER = 'understudy_admin';

/**
 * Node-control and the observers sign in with IAM tokens on AWS; nobody verifies such a token here, so the server asks
 * them for nothing. Everybody else needs a password, as on AWS. `samenet`: nodes in network namespaces of this machine.
 */
const CLIENT_AUTHENTICATION = [
  `host all ${CONTROL_ROLE},${OBSERVER_ROLE} 127.0.0.0/8 trust`,
  `host all ${CONTROL_ROLE},${OBSERVER_ROLE} samenet trust`,
  'host all all 127.0.0.0/8 scram-sha-256',
  'host all all samenet scram-sha-256',
  '',
].join('\n');

/** Runs initdb (0.5 s) in `dataFolder`, which `user` owns. */
export async function initialise(
  programs: PostgresPrograms,
  dataFolder: string,
  user: ServerUser | null,
  adminPassword: string,
): Promise<void> {
  const passwordFile = join(dataFolder, '..', 'password');
  writeOwned(passwordFile, adminPassword, user);
  try {
    await promisify(execFile)(
      programs.initdb,
      [
        ...['-D', dataFolder, '-U', ADMIN_USER, '--pwfile', passwordFile, '--auth', 'scram-sha-256'],
        ...['--encoding', 'UTF8', '--locale', 'C', '--no-sync'],
      ],
      { ...(user ?? {}), cwd: join(dataFolder, '..'), env: { PATH: '/usr/bin:/bin' }, timeout: INITDB_TIMEOUT_MS },
    );
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : String(error);
    throw new PostgresError(`initdb failed: ${said}`, { cause: error });
  } finally {
    rmSync(passwordFile, { force: true });
  }
  writeOwned(join(dataFolder, 'pg_hba.conf'), CLIENT_AUTHENTICATION, user);
}

/** A laptop's data may be lost in a crash of the machine; nothing else of PostgreSQL is different. */
export function serverArguments(dataFolder: string, host: string, port: number): string[] {
  const settings = {
    listen_addresses: host,
    port,
    unix_socket_directories: '',
    max_connections: 200,
    shared_buffers: '32MB',
    fsync: 'off',
    full_page_writes: 'off',
    synchronous_commit: 'off',
    timezone: 'UTC',
    // A failed statement of a user may hold what is nobody's business.
    log_min_error_statement: 'panic',
  };
  return ['-D', dataFolder, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
}

function writeOwned(file: string, text: string, user: ServerUser | null): void {
  writeFileSync(file, text, { mode: 0o600 });
  if (user !== null) chownSync(file, user.uid, user.gid);
}
