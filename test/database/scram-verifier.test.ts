import { scramVerifier } from '../../lib/database/scram-verifier';

test('is the verifier of RFC 7677’s example', () => {
  const salt = Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64');
  // Keys of the RFC's user with the password "pencil", as PostgreSQL writes them.
  expect(scramVerifier('pencil', salt)).toBe(
    'SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$' +
      'WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=',
  );
});

test('has another salt each time', () => {
  expect(scramVerifier('pencil')).not.toBe(scramVerifier('pencil'));
});

test.each(['', 'schlüssel', 'tab\tulator'])(
  'refuses "%s", which PostgreSQL might read as another password',
  (password) => {
    expect(() => scramVerifier(password)).toThrow('printable ASCII');
  },
);
