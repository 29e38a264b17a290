import * as dgram from 'node:dgram';

/**
 * Which of these addresses this machine does not answer on. Linux has all of 127.0.0.0/8; macOS has 127.0.0.1 only.
 * @throws RangeError for an address outside 127.0.0.0/8: nothing here may listen where others could reach it.
 */
export async function missingLoopbackAddresses(addresses: readonly string[]): Promise<string[]> {
  const unique = [...new Set(addresses)];
  for (const address of unique) assertLoopback(address);
  const present = await Promise.all(unique.map(canBind));
  return unique.filter((_, index) => !present[index]);
}

/** The commands that a macOS user must type once after each start of the machine. */
export function loopbackAliasCommands(missing: readonly string[]): string[] {
  return missing.map((address) => `sudo ifconfig lo0 alias ${address} up`);
}

/** @throws RangeError unless the address is in 127.0.0.0/8. */
export function assertLoopback(address: string): void {
  const octets = address.split('.');
  const valid = octets.length === 4 && octets.every((octet) => /^\d{1,3}$/.test(octet) && Number(octet) <= 255);
  if (!valid || octets[0] !== '127') {
    throw new RangeError(
      `${address} is not in 127.0.0.0/8: the local FreeSWITCH, gateway and caller use loopback only`,
    );
  }
}

function canBind(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = dgram.createSocket('udp4');
    socket.once('error', () => {
      socket.close();
      resolve(false);
    });
    socket.bind({ port: 0, address, exclusive: true }, () => {
      socket.close();
      resolve(true);
    });
  });
}
