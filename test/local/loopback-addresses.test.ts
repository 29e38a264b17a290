import { loopbackAliasCommands, missingLoopbackAddresses } from '../../local/loopback-addresses';

describe('loopback addresses', () => {
  it('finds nothing missing where the machine answers on all of them', async () => {
    expect(await missingLoopbackAddresses(['127.0.0.1', '127.0.0.1'])).toEqual([]);
  });

  it('refuses an address that is not loopback', async () => {
    for (const address of ['10.0.0.1', '0.0.0.0', '127.0.0', '127.0.0.256', 'localhost']) {
      await expect(missingLoopbackAddresses([address])).rejects.toThrow(`${address} is not in 127.0.0.0/8`);
    }
  });

  it('writes the command that macOS needs for each', () => {
    expect(loopbackAliasCommands(['127.64.0.10'])).toEqual(['sudo ifconfig lo0 alias 127.64.0.10 up']);
  });
});
