import fc from 'fast-check';
import { assertLoopbackEndpoint, awsClientConfig } from '../../../local/emulator/loopback';

describe('only this machine is ever reached', () => {
  test.each(['http://127.0.0.1:4566', 'http://localhost:1', 'https://127.255.0.9', 'http://127.64.1.10:80/path'])(
    '%s is loopback',
    (endpoint) => {
      expect(() => assertLoopbackEndpoint(endpoint)).not.toThrow();
    },
  );

  test.each([
    'https://ec2.us-east-1.amazonaws.com',
    'http://localhost.example.com',
    'http://127.0.0.1.nip.io',
    'http://127.0.0.1@evil.example.com',
    'http://evil.example.com\\@127.0.0.1',
    'http://evil.example.com#@127.0.0.1',
    'http://0.0.0.0:4566',
    'http://10.0.0.1',
    'http://[::1]:4566',
    'http://0x7f.0.0.1',
    'http://2130706433',
    'http://127.1',
    'http://127.0.0.01',
    'http://127.0.0.256',
    'http://localhost:99999',
    'ftp://127.0.0.1',
    'localhost:4566',
    '',
  ])('%s is refused, and named', (endpoint) => {
    expect(() => assertLoopbackEndpoint(endpoint)).toThrow(JSON.stringify(endpoint));
  });

  test('whatever is accepted, the URL parser too reads a loopback host in it', () => {
    const part = fc.constantFrom(
      '127.0.0.1',
      'localhost',
      'evil.example.com',
      '@',
      '#',
      '?',
      '/',
      '\\',
      ':',
      '80',
      '.',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 7 }), (parts) => {
        const endpoint = `http://${parts.join('')}`;
        try {
          assertLoopbackEndpoint(endpoint);
        } catch {
          return;
        }
        expect(new URL(endpoint).hostname).toMatch(/^(127\.\d+\.\d+\.\d+|localhost)$/);
      }),
    );
  });
});

test('a client configuration is complete, so that nothing is read from the environment', () => {
  const config = awsClientConfig({ endpoint: 'http://127.0.0.1:1' });
  expect(config).toMatchObject({ region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } });
  expect(() => awsClientConfig({ endpoint: 'https://sts.amazonaws.com' })).toThrow('nothing was sent');
});
