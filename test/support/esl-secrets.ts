/** What people put into the secret with the ESL password, and what functions and nodes must both take from it. */
export const ESL_SECRETS: readonly (readonly [secret: string, password: string | null])[] = [
  ['plain', 'plain'],
  ['plain\n', 'plain'],
  ['plain\r\n', 'plain'],
  ['{"password":"abc"}', 'abc'],
  ['{"password":"abc"}\n', 'abc'],
  ['{ "username": "esl", "password": "a\\"b\\\\c" }', 'a"b\\c'],
  ['\n {\r\n  "password": "abc"\r\n}\r\n', 'abc'],
  ['{"password":"abc\\n"}', 'abc'],
  // A password may begin with a brace: what is no JSON is the password itself.
  ['{not-json', '{not-json'],
  ['{"password":"abc"', '{"password":"abc"'],
  ['{"password":"abc"}{"password":"def"}', '{"password":"abc"}{"password":"def"}'],
  ['["abc"]', '["abc"]'],
  ['{"password":""}', null],
  ['{"password":7}', null],
  ['{"password":null}', null],
  ['{"user":"abc"}', null],
  ['{}', null],
  ['', null],
  ['\n', null],
];
