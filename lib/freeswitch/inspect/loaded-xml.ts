import type { XMLBuilder } from 'xmlbuilder2/lib/interfaces';

/** Parameters by name, as FreeSWITCH reads them: the last of two equal names counts. */
export type Settings = ReadonlyMap<string, string>;

/** What FreeSWITCH has in memory of one configuration file. Its text holds passwords: it is read, and never quoted. */
export interface LoadedConfiguration {
  settings: Settings;
  /** Of `sofia.conf`: by name of the profile. */
  profiles: ReadonlyMap<string, Settings>;
  /** Of `sofia.conf`, by name of the profile: every `rtp-ip`, because FreeSWITCH keeps all of them. */
  mediaAddresses: ReadonlyMap<string, readonly string[]>;
}

/**
 * Reads the reply to `xml_locate configuration configuration name FILE.conf`. Null when it is not that XML
 * (`can't find anything`).
 */
export async function readLoadedConfiguration(reply: string): Promise<LoadedConfiguration | null> {
  // Loaded when wanted: promotions and recoveries, which are in a hurry, do without it.
  const { create } = await import('xmlbuilder2');
  try {
    const root = create(reply).root();
    if (root.node.nodeName !== 'configuration') return null;
    const profiles = profilesOf(root);
    return {
      settings: settingsOf(root),
      profiles: new Map(profiles.map(([name, params]) => [name, new Map(params)])),
      mediaAddresses: new Map(profiles.map(([name, params]) => [name, mediaAddressesIn(params)])),
    };
  } catch {
    return null;
  }
}

type Param = [name: string, value: string];

function profilesOf(root: XMLBuilder): [name: string, params: Param[]][] {
  const elements = childrenOf(root, 'profiles').flatMap((list) => childrenOf(list, 'profile'));
  return elements.flatMap((profile): [string, Param[]][] => {
    const name = attributeOf(profile, 'name');
    return name === null ? [] : [[name, paramsOf(profile)]];
  });
}

const settingsOf = (parent: XMLBuilder): Settings => new Map(paramsOf(parent));

function paramsOf(parent: XMLBuilder): Param[] {
  const params = childrenOf(parent, 'settings').flatMap((settings) => childrenOf(settings, 'param'));
  return params.flatMap((param): Param[] => {
    const name = attributeOf(param, 'name');
    return name === null ? [] : [[name, attributeOf(param, 'value') ?? '']];
  });
}

function mediaAddressesIn(params: readonly Param[]): string[] {
  return params.flatMap(([name, value]) => (name.toLowerCase() === 'rtp-ip' ? [value] : []));
}

function childrenOf(parent: XMLBuilder, name: string): XMLBuilder[] {
  return parent.filter(({ node }) => node.nodeName === name, false, false);
}

/** Of an element, which each node is that was chosen by its tag. */
function attributeOf({ node }: XMLBuilder, name: string): string | null {
  return (node as unknown as { getAttribute(name: string): string | null }).getAttribute(name);
}
