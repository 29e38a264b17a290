/**
 * What a row of FreeSWITCH's table `recovery` says about its leg, as SQL.
 *
 * Read from rows of FreeSWITCH 1.11 (legs over UDP and TCP, bridged within a profile, across profiles, and alone).
 * `metadata` is an XML document with every channel variable in an element of its own, values URL-encoded:
 * - `signal_bond`, and beside it `bridge_to`, is the partner's uuid on both legs of a bridge; a leg on its own
 *   (echo, park) has neither. `signal_bond` is what FreeSWITCH itself looks at to find the partner when it recovers.
 * - `sip_via_protocol` (`udp`, `tcp`, ...) stands on legs that came in only; `sip_full_via` (`SIP/2.0/TCP%20...`) on
 *   both directions.
 * - `local_media_ip` is the address to which RTP was bound, in plain text.
 */

/** A value of the metadata; null without the variable. Names are ours, never from outside. */
export const variable = (row: string, name: string): string =>
  `substring(${row}.metadata from '<${name}>([^<]*)</${name}>')`;

/** Two legs of one call have the same key: the smaller uuid of the pair, or its own for a leg without a partner. */
export const callKey = (row: string): string =>
  `least(${row}.uuid, coalesce(${variable(row, 'signal_bond')}, ${variable(row, 'bridge_to')}, ${row}.uuid))`;

/** Whether the leg hangs on a connection of the dead process: it goes with it (FACTS 7.5). */
export const isConnectionOriented = (row: string): string =>
  `(coalesce(lower(${variable(row, 'sip_via_protocol')}) in ('tcp', 'tls', 'ws', 'wss'), false) or ` +
  `coalesce(${variable(row, 'sip_full_via')} ~* '^SIP/2.0/(TCP|TLS|WS|WSS)', false))`;

/** Only mod_sofia's legs are ours to count; other technologies write rows of the same table. */
export const OF_SOFIA = `technology = 'sofia'`;
