"""What holds for every EC2 action: DryRun.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/CommonParameters.html
"""
from .ec2_common import actions, error, is_true, parameter


def _with_dry_run(handler):
    def guarded(p):
        if is_true(parameter(p, 'DryRun')):
            return error('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.', 412)
        return handler(p)

    return guarded


def install() -> None:
    for action in list(actions):
        actions[action] = _with_dry_run(actions[action])
