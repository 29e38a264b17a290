import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MACHINES } from '../../../lib/domain/state-machine';
import { PAGE, withStateMachines } from '../../../local/docs/state-diagrams';

const page = readFileSync(join(__dirname, '..', '..', '..', PAGE), 'utf8');

describe('the state machines in docs/architecture.md', () => {
  it('are the ones of the code', () => {
    // Stale? npm run diagrams
    expect(withStateMachines(page)).toBe(page);
  });

  it('come from the tables alone', () => {
    const emptied = page.replace(/(<!-- state machine: [^>]*>)[^]*?(<!-- end -->)/, '$1\n$2');
    expect(emptied).not.toBe(page);
    expect(withStateMachines(emptied)).toBe(page);
  });

  it.each(MACHINES)('show every state and event of $title', ({ title, states, edges }) => {
    const [, section = ''] = page.split(`### ${title}\n`);
    const [, diagram = ''] = section.split('```');
    const [, table = ''] = section.split('| on ');

    expect(Object.keys(states).filter((state) => !section.includes(`- \`${state}\`: `))).toEqual([]);
    expect(edges.filter(({ on }) => !new RegExp(`: (.*, )?${on}(,|$)`, 'm').test(diagram))).toEqual([]);
    expect(edges.filter(({ on }) => !table.includes(`| \`${on}\``))).toEqual([]);
  });

  it('have their place on the page, or the writer says which lines are missing', () => {
    expect(() => withStateMachines('# Architecture\n')).toThrow(
      'docs/architecture.md has no lines "<!-- state machine',
    );
  });
});
