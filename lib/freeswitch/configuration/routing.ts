/** Dialplan and directory as they are before the users bring theirs: nobody is called, nobody registers. */
import type { RenderedFile } from './model';
import { PUBLIC_CONTEXT } from './profile';
import { userPattern } from './user-files';
import { addComment, addElement, addInclude, addParams, includedFile } from './xml';

/** Stands behind the users' contexts, and the first of a name wins. The cause becomes `404 Not Found`. */
export const dialplanFile = (): RenderedFile => ({
  path: 'dialplan/refuse.xml',
  content: includedFile((root) => {
    const context = addElement(root, 'context', { name: PUBLIC_CONTEXT });
    addComment(context, 'No call goes anywhere by default. A context of this name in user/dialplan takes its place.');
    const extension = addElement(context, 'extension', { name: 'refuse' });
    const condition = addElement(extension, 'condition');
    addElement(condition, 'action', { application: 'hangup', data: 'NO_ROUTE_DESTINATION' });
  }),
});

/** The domain of registrations, behind the users' own domains, and with a place for its users. */
export const directoryFile = (sipDomain: string): RenderedFile => ({
  path: 'directory/domain.xml',
  content: includedFile((root) => {
    const domain = addElement(root, 'domain', { name: sipDomain });
    addComment(domain, 'Any profile may have the binding of a user: it is looked up in the shared registrations.');
    addParams(addElement(domain, 'params'), [
      { name: 'dial-string', value: '${sofia_contact(*/${dialed_user}@${dialed_domain})}' },
    ]);
    const group = addElement(addElement(domain, 'groups'), 'group', { name: 'all' });
    addInclude(addElement(group, 'users'), `../${userPattern('directory', 'users')}`);
  }),
});
