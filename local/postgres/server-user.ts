/** PostgreSQL refuses to run as root: who it runs as, and folders that this user can reach. */
import {
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { PostgresError } from './errors';
import { programsIn, type PostgresPrograms } from './programs';

export interface ServerUser {
  uid: number;
  gid: number;
}

/** null: as whoever started us. Root starts it as `nobody`, who owns nothing else of ours. */
export function serverUser(): ServerUser | null {
  if (process.getuid?.() !== 0) return null;
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith('nobody:'));
  const [, , uid, gid] = line?.split(':') ?? [];
  if (uid === undefined || gid === undefined) {
    throw new PostgresError('PostgreSQL does not run as root, and there is no user `nobody` to run it as. Add one.');
  }
  // macOS says -2, which is 4294967294 to the system calls.
  return { uid: Number(uid) >>> 0, gid: Number(gid) >>> 0 };
}

/** Makes an empty folder for the server's data: where it was wanted, or in the temporary folder if `user` cannot get there. */
export function makeServerFolder(wanted: string, user: ServerUser | null): string {
  const folder = user === null || othersMayEnter(dirname(wanted)) ? wanted : join(tmpdir(), folderName(wanted));
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (user !== null) chownSync(folder, user.uid, user.gid);
  // As the system names it: that is how the server's processes are found again.
  return realpathSync(folder);
}

/** The programs, copied to the temporary folder where `user` may not enter theirs (a checkout below /root). */
export function reachablePrograms(programs: PostgresPrograms, user: ServerUser | null): PostgresPrograms {
  if (user === null || othersMayEnter(dirname(programs.postgres))) return programs;
  if (programs.movable === null) {
    throw new PostgresError(`PostgreSQL does not run as root, and others may not enter ${dirname(programs.postgres)}`);
  }
  const copy = join(tmpdir(), folderName(programs.movable));
  if (!existsSync(copy)) {
    const unfinished = `${copy}.${process.pid}`;
    cpSync(programs.movable, unfinished, { recursive: true, verbatimSymlinks: true });
    renameSync(unfinished, copy);
  }
  return programsIn(join(copy, 'bin'), copy, `Delete ${copy} and start again.`);
}

/** One per place, so that checkouts do not disturb each other. */
function folderName(path: string): string {
  return `understudy-postgres-${createHash('sha256').update(path).digest('hex').slice(0, 12)}`;
}

function othersMayEnter(folder: string): boolean {
  for (let current = folder; ; current = dirname(current)) {
    // What does not exist yet will be made by us, with the permissions of everybody's folders.
    if (existsSync(current) && (statSync(current).mode & 0o001) === 0) return false;
    if (current === dirname(current)) return true;
  }
}
