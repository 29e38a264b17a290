/**
 * Where a world lives in 127.0.0.0/8. A demo beside the tests or in a second clone is another world: each claims a lane
 * for as long as it lives, and the kernel takes a claim back with its process.
 */
import * as dgram from 'node:dgram';

import { UnderstudyError } from '../lib/domain/errors';

export interface Lane {
  /** 0 is the lane that the documentation shows. */
  readonly number: number;
  /** Range of the VPC, so that the instances' private addresses exist on this machine. */
  readonly network: string;
  /** Range of the Elastic IPs. */
  readonly elasticIps: string;
  /** Range of what is on the internet: public addresses of instances, SIP parties. */
  readonly outside: string;
}

export interface ClaimedLane extends Lane {
  /** Safe to call twice. */
  release(): void;
}

export class NoLaneFree extends UnderstudyError {
  override readonly name = 'NoLaneFree';
  constructor() {
    super(
      `${LANES} runs of the demo, the tests or the bench are alive on this machine, and there are no addresses for ` +
        'one more: wait for one of them, or end it',
    );
  }
}

const LANES = 16;
const FIRST_OCTET = 64;
const RANGES = 3;
/** No instance has it: the emulator hands out addresses from the lowest upward. */
const CLAIM_HOST = '255.254';
const CLAIM_PORT = 4566;

export function laneAt(number: number): Lane {
  const range = (which: number): string => `127.${FIRST_OCTET + RANGES * number + which}.0.0/16`;
  return { number, network: range(0), elasticIps: range(1), outside: range(2) };
}

/** The folder below `.understudy/` of a world, and the name of its processes: another one in another lane. */
export function nameIn(lane: Lane, name: string): string {
  return lane.number === 0 ? name : `${name}-${lane.number + 1}`;
}

/** What the emulator is told of its lane. */
export function emulatorRanges(lane: Lane): Record<string, string> {
  return { EC2_ELASTIC_IP_POOL: lane.elasticIps, EC2_PUBLIC_IP_POOL: lane.outside };
}

/** An address of a range of a lane: `hostOf('127.66.0.0/16', '0.1')` is `127.66.0.1`. */
export function hostOf(range: string, host: string): string {
  return `${range.split('.').slice(0, 2).join('.')}.${host}`;
}

/**
 * The lowest lane that nobody has. Where only 127.0.0.1 exists (macOS) that is the first one, unclaimed: the addresses
 * which are missing there are told by name.
 *
 * @param log is told when it is not the first one
 * @throws NoLaneFree
 */
export async function claimLane(log: (line: string) => void): Promise<ClaimedLane> {
  for (let number = 0; number < LANES; number += 1) {
    const lane = laneAt(number);
    const release = await claim(hostOf(lane.network, CLAIM_HOST));
    if (release === null) continue;
    if (number > 0)
      log(`another run is alive on this machine: this one lives in ${lane.network} and the two ranges after it`);
    return { ...lane, release };
  }
  throw new NoLaneFree();
}

/** @returns null where somebody has it */
function claim(address: string): Promise<(() => void) | null> {
  return new Promise((resolve, reject) => {
    const socket = dgram.createSocket('udp4');
    socket.once('error', (error: NodeJS.ErrnoException) => {
      socket.close();
      if (error.code === 'EADDRINUSE') resolve(null);
      else if (error.code === 'EADDRNOTAVAIL') resolve(() => undefined);
      else reject(error);
    });
    socket.bind({ port: CLAIM_PORT, address, exclusive: true }, () => {
      // Nobody is to wait for it: the process may end, and with it the claim.
      socket.unref();
      let held = true;
      resolve(() => {
        if (held) socket.close();
        held = false;
      });
    });
  });
}
