import type { FreeSwitchProcess } from './freeswitch-process';
import { StandIn, type StandInStart } from './process';
import { RealFreeSwitch } from './real';

/** A real FreeSWITCH when `UNDERSTUDY_FREESWITCH` names the program, a stand-in otherwise. */
export function startFreeSwitch(
  options: StandInStart,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<FreeSwitchProcess> {
  const binary = environment['UNDERSTUDY_FREESWITCH'];
  return binary === undefined || binary === '' ? StandIn.start(options) : RealFreeSwitch.start({ ...options, binary });
}
