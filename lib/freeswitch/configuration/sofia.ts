/** mod_sofia as a whole: what all profiles share, and the profiles themselves by include. */
import type { RenderedFile } from './model';
import { userPattern } from './user-files';
import { addElement, addInclude, addParams, configurationFile, type Param } from './xml';

const GLOBAL: readonly Param[] = [
  { name: 'log-level', value: 0 },
  {
    name: 'max-reg-threads',
    value: 50,
    why: 'One thread answers OPTIONS of all profiles. With REGISTER in these, OPTIONS goes on while the database hangs.',
  },
  {
    name: 'auto-restart',
    value: false,
    why: 'Profiles would restart, and hang up, when an address of the host changes; here addresses come and go.',
  },
];

export const sofiaFile = (profiles: readonly string[]): RenderedFile =>
  configurationFile('sofia', (root) => {
    addParams(addElement(root, 'global_settings'), GLOBAL);
    const list = addElement(root, 'profiles');
    for (const profile of profiles) addInclude(list, `../${profilePath(profile)}`);
    addInclude(list, `../${userPattern('sip_profiles')}`);
  });

export const profilePath = (profile: string): string => `sip_profiles/${profile}.xml`;
