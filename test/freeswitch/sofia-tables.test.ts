import { gatewayRows, runningProfiles } from '../../lib/freeswitch/sofia-tables';
import { FrameReader } from '../../lib/freeswitch/esl/frames';
import { bytesOf, loadTranscript } from './transcripts';

it('esl-health-2-calls: the profile that runs, with its channels', () => {
  const replies = new FrameReader().push(bytesOf(loadTranscript('esl-health-2-calls'), 'S')).frames;
  const tables = replies.filter(({ body }) => body.includes('1 profile 0 aliases') && body.includes('RUNNING'));

  expect(tables.length).toBeGreaterThan(0);
  for (const { body } of tables) expect(runningProfiles(body)).toEqual(['external']);
});

it('a profile that does not run, an alias, a gateway and a rule are no running profiles', () => {
  const table = [
    '                     Name\t   Type\t                                      Data\tState',
    '=====',
    '                     down\tprofile\t          sip:mod_sofia@198.51.100.10:5060\tDOWN (0)',
    '                    alias\t  alias\t                                      up\tALIASED',
    '                   up::gw\tgateway\t          sip:u@192.0.2.9\tREGED',
    '                       up\tprofile\t          sip:mod_sofia@198.51.100.10:5070\tRUNNING (4) (WSS)',
    '1 profile 1 aliases',
  ].join('\n');

  expect(runningProfiles(table)).toEqual(['up']);
});

it('a gateway keeps its name whatever is in it', () => {
  expect(gatewayRows('  a::b::c\t  sip:x\tFAILED (retry: 5s)\t 0.00\n')).toEqual([
    { profile: 'a', name: 'b::c', state: 'FAILED' },
  ]);
});

it.each(['', '\0', '\t\t\t', '::\tx\ty', '-ERR sofia Command not found!\n'])('%j holds nothing', (text) => {
  expect(runningProfiles(text)).toEqual([]);
  expect(gatewayRows(text)).toEqual([]);
});
