/** The extension takes hold of private names: when one has gone it must not start, and must say which. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ensureEmulatorInstalled } from '../../../local/emulator/setup';
import { PROJECT_DIR } from './support';

async function stderrOf(script: string): Promise<string> {
  const { python } = await ensureEmulatorInstalled(PROJECT_DIR, () => undefined);
  const env = {
    PYTHONPATH: join(PROJECT_DIR, 'local', 'emulator'),
    PYTHONDONTWRITEBYTECODE: '1',
    TMPDIR: join(PROJECT_DIR, '.understudy'),
  };
  return promisify(execFile)(python, ['-c', script], { env }).then(
    () => '(it did not fail)',
    (error: { stderr: string }) => error.stderr,
  );
}

test('another version of MiniStack is refused', async () => {
  const script = `from extension import patching; patching.require_version('9.9.9')`;
  expect(await stderrOf(script)).toContain('MiniStack 1.5.33 is installed, 9.9.9 is needed');
});

test('a private name that has gone stops the start and is named', async () => {
  const script = `
from ministack.services import ec2
del ec2._launch_instances_internal
from extension import ec2_instances`;
  expect(await stderrOf(script)).toContain('ministack.services.ec2._launch_instances_internal is gone');
});

test('what a release has learned by itself is to be dropped', async () => {
  const script = `
from ministack.services.cloudformation import provisioners
provisioners._RESOURCE_HANDLERS['AWS::EC2::EIP'] = {}
from extension import cloudformation_ec2
cloudformation_ec2.install()`;
  expect(await stderrOf(script)).toContain("provisioners._RESOURCE_HANDLERS['AWS::EC2::EIP'] exists by now, drop ours");
});
