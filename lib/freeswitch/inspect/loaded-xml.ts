import type { XMLBuilder } from 'xmlbuilder2/lib/interfaces';

/** Parameters by name, as FreeSWITCH reads them: the last of two equal names counts. */
export type Settings = ReadonlyMap<string, string>;

/** What FreeSWITCH has in memory of one configuration file. Its text holds passwords: it is read, and never quoted. */
export interface LoadedConfiguration {
  settings: Settings;
  /** Of `sofia.conf`: by name of the profile. */
  profiles: ReadonlyMap<string, Settings>;
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
    return { settings: settingsOf(root), profiles: profilesOf(root) };
  } catch {
    return null;
  }
}

function profilesOf(root: XMLBuilder): Map<string, Settings> {
  const profiles = new Map<string, Settings>();
  for (const list of childrenOf(root, 'profiles')) {
    for (const profile of childrenOf(list, 'profile')) {
      const name = attributeOf(profile, 'name');
      if (name !== null) profiles.set(name, settingsOf(profile));
    }
  }
  return profiles;
}

function settingsOf(parent: XMLBuilder): Map<string, string> {
  const params = childrenOf(parent, 'settings').flatMap((settings) => childrenOf(settings, 'param'));
  return new Map(
    params.flatMap((param): [string, string][] => {
      const name = attributeOf(param, 'name');
      return name === null ? [] : [[name, attributeOf(param, 'value') ?? '']];
    }),
  );
}

function childrenOf(parent: XMLBuilder, name: string): XMLBuilder[] {
  return parent.filter(({ node }) => node.nodeName === name, false, false);
}

/** Of an element, which each node is that was chosen by its tag. */
function attributeOf({ node }: XMLBuilder, name: string): string | null {
  return (node as unknown as { getAttribute(name: string): string | null }).getAttribute(name);
}
