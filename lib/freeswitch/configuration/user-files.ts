/**
 * Where the users' own files go: `user/` beside the rendered ones. They are included, never written to, and all of
 * them are optional. What is included where:
 *
 * | files | are |
 * | --- | --- |
 * | `user/dialplan/*.xml` | contexts; theirs win over the built-in `public` |
 * | `user/directory/*.xml` | domains; theirs win over the built-in one of `sipDomain` |
 * | `user/directory/users/*.xml` | users of the built-in domain |
 * | `user/sip_profiles/PROFILE/*.xml` | gateways of a rendered profile |
 * | `user/sip_profiles/PROFILE/settings/*.xml` | params of a rendered profile; what failover rests on stays as it is |
 * | `user/sip_profiles/*.xml` | profiles of their own, which no VIP has and nothing recovers |
 * | `user/acl/*.xml` | lists of acl.conf |
 * | `user/autoload_configs/*.xml` | configurations of modules that are not rendered; console, logfile, timezones too |
 *
 * One param could still break a failover: `rtp-ip` adds up (mod_sofia keeps every occurrence). A node with a second one
 * in `settings` does not start (`user-files --check` of host/), and `understudy check` tells one that is loaded.
 */
export const USER_FOLDER = 'user';

export const userPattern = (...folders: string[]): string => [USER_FOLDER, ...folders, '*.xml'].join('/');
export const profileFolder = (profile: string): string[] => ['sip_profiles', profile];
export const profileSettingsFolder = (profile: string): string[] => [...profileFolder(profile), 'settings'];

/** The folders that the rendered files include from. FreeSWITCH starts without them too: they show what may be where. */
export const userFolders = (profiles: readonly string[]): string[] =>
  [
    ['dialplan'],
    ['directory', 'users'],
    ['acl'],
    ['autoload_configs'],
    ['sip_profiles'],
    ...profiles.map(profileSettingsFolder),
  ].map((folders) => [USER_FOLDER, ...folders].join('/'));
