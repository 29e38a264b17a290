/** What is wrong with a stand-in besides what FreeSWITCH's own commands can do to it. */
export interface Faults {
  /** SIP hears nothing while ESL is well. */
  sipStuck: boolean;
  /** SIP answers with bytes that are no SIP. */
  sipMalformed: boolean;
  /** ESL sends bytes that are no ESL, instead of the greeting or instead of each reply. */
  eslMalformed: 'greeting' | 'reply' | null;
  /** Every ESL client is turned away by the access list. */
  eslRejects: boolean;
  /** Each ESL reply comes this much later, in milliseconds. */
  eslDelayMs: number;
  /** How far the machine's clock is behind the lab's. */
  clockBehindMs: number;
  /** The public address is elsewhere: nobody's answer to a re-INVITE comes back. */
  noReturnPath: boolean;
}

export const noFaults = (): Faults => ({
  sipStuck: false,
  sipMalformed: false,
  eslMalformed: null,
  eslRejects: false,
  eslDelayMs: 0,
  clockBehindMs: 0,
  noReturnPath: false,
});

/**
 * Bytes that break a careless ESL parser: no header syntax, a percent escape that does not decode, a length that is
 * no number, and bytes that are not UTF-8.
 */
export const MALFORMED_ESL = Buffer.concat([
  Buffer.from('\0\x01garbage\nContent-Type: text/event-plain\nContent-Length: -7x\n\nEvent-Name: %zz%E0%A4\n\n'),
  Buffer.from([0xff, 0xfe, 0x0a, 0x0a]),
]);

export const MALFORMED_SIP = Buffer.concat([Buffer.from('SIP/2.0 two hundred\r\n:\r\n\0'), Buffer.from([0xff, 0xfe])]);
