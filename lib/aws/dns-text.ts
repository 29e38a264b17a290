/**
 * Names and TXT values as Route 53 spells them (Developer Guide, "DNS domain name format", "TXT record type"). Pure.
 */

/** What the TXT record beside a VIP's address says. */
export interface Marker {
  epoch: number;
  owner: string;
}

/** Longest string of a TXT record, in octets (RFC 1035, section 3.3.14). */
const MAX_TEXT = 255;

/** Lower case, with the trailing dot; characters beyond a-z, 0-9, `-`, `_` and `.` as `\ooo`, as Route 53 lists them. */
export function normalName(name: string): string {
  const plain = decodeOctal(name).toLowerCase();
  const dotted = plain.endsWith('.') ? plain : `${plain}.`;
  return [...Buffer.from(dotted, 'latin1')]
    .map((octet) => {
      const character = String.fromCharCode(octet);
      return /[a-z0-9._-]/.test(character) ? character : `\\${octet.toString(8).padStart(3, '0')}`;
    })
    .join('');
}

export function sameName(one: string, other: string): boolean {
  return normalName(one) === normalName(other);
}

/**
 * `"understudy epoch=7 owner=cluster/pbx"`, quotes included.
 * @throws RangeError when the owner is not printable ASCII without blanks, quotes and backslashes, or too long
 */
export function encodeMarker({ epoch, owner }: Marker): string {
  const text = `understudy epoch=${epoch} owner=${owner}`;
  if (!/^[!#-[\]-~]+$/.test(owner) || text.length > MAX_TEXT) {
    throw new RangeError(`'${owner}' cannot stand in a TXT record; use up to 200 letters, digits, '-' and '/'`);
  }
  return `"${text}"`;
}

/** null when the text is not ours: somebody else's TXT record may stand beside it. */
export function decodeMarker(value: string): Marker | null {
  const match = /^"understudy epoch=(\d{1,15}) owner=([^" ]+)"$/.exec(decodeOctal(value));
  return match?.[1] === undefined || match[2] === undefined ? null : { epoch: Number(match[1]), owner: match[2] };
}

function decodeOctal(text: string): string {
  return text.replaceAll(/\\([0-3][0-7]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
