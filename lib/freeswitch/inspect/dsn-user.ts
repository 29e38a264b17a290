/** `keyword=value`, the value bare or in single quotes with backslash escapes (PostgreSQL manual, "Connection Strings"). */
const WORD = /([a-z_]+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|(\S*))/gi;
const URI_AUTHORITY = /^([^:@/?]*)(?::[^@/]*)?@/;

/**
 * As whom a DSN of FreeSWITCH's signs in to PostgreSQL; null where it does not say, and libpq would take the name of
 * whoever runs the process. FreeSWITCH gives libpq what follows `pgsql://`, and the other forms as they stand.
 */
export function userOfDsn(dsn: string): string | null {
  const [, scheme = '', rest = ''] = /^(pgsql|postgres(?:ql)?):\/\/(.*)$/s.exec(dsn) ?? [];
  const isUri = scheme !== 'pgsql' || /^postgres(ql)?:\/\//.test(rest);
  return isUri ? userOfUri(rest.replace(/^postgres(ql)?:\/\//, '')) : userOfWords(rest);
}

/** The last of two equal keywords counts. */
function userOfWords(text: string): string | null {
  const users = [...text.matchAll(WORD)].filter(([, keyword]) => keyword === 'user');
  const [, , quoted, bare] = users.at(-1) ?? [];
  const user = quoted === undefined ? bare : quoted.replaceAll(/\\(.)/g, '$1');
  return user === undefined || user === '' ? null : user;
}

function userOfUri(text: string): string | null {
  const named = new URLSearchParams(text.split('?')[1] ?? '').get('user');
  return named ?? decoded(URI_AUTHORITY.exec(text)?.[1] ?? '');
}

function decoded(text: string): string | null {
  try {
    return text === '' ? null : decodeURIComponent(text);
  } catch {
    return null;
  }
}
