/** Linux has all of 127.0.0.0/8, macOS only 127.0.0.1: what the instances have must exist on this machine. */
import { UnderstudyError } from '../../lib/domain/errors';
import type { Topology } from '../../lib/domain/model';
import { loopbackAliasCommands, missingLoopbackAddresses } from '../loopback-addresses';

/** This machine does not answer on addresses that the instances have. The message has the commands that add them. */
export class AddressesMissing extends UnderstudyError {
  override readonly name = 'AddressesMissing';
  constructor(missing: readonly string[]) {
    const commands = loopbackAliasCommands(missing).join('\n');
    super(`${missing.length} addresses are missing on this machine; type these, then start again:\n${commands}`);
  }
}

/** @throws AddressesMissing */
export async function assertAddressesExist(topology: Topology): Promise<void> {
  const missing = await missingLoopbackAddresses([
    ...topology.nodes.flatMap((node) => [node.managementAddress, ...Object.values(node.vipAddresses)]),
    ...topology.vips.flatMap((vip) => vip.elasticIp?.publicIp ?? []),
  ]);
  if (missing.length > 0) throw new AddressesMissing(missing);
}
