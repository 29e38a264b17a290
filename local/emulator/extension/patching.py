"""How this extension takes hold of MiniStack's private names: loudly. A moved name stops the start, by its name."""
from importlib.metadata import PackageNotFoundError, version
from types import ModuleType
from typing import Any, Callable


class PatchError(SystemExit):
    """The installed MiniStack is not the one that this extension was written for."""

    def __init__(self, problem: str) -> None:
        super().__init__(
            f'understudy extension: {problem}. It patches private names of MiniStack; '
            'delete .understudy/venv to have the pinned version installed again.'
        )


def require_version(expected: str) -> None:
    try:
        found = version('ministack')
    except PackageNotFoundError:
        raise PatchError('MiniStack is not installed') from None
    if found != expected:
        raise PatchError(f'MiniStack {found} is installed, {expected} is needed')


def private(owner: ModuleType, name: str) -> Any:
    """The private name of a module, or a start that fails and names it."""
    if not hasattr(owner, name):
        raise PatchError(f'{owner.__name__}.{name} is gone')
    return getattr(owner, name)


def replace(owner: ModuleType, name: str, make: Callable[[Any], Any]) -> None:
    """Put `make(original)` in the place of `owner.name`."""
    setattr(owner, name, make(private(owner, name)))


def replace_entry(table: dict, key: str, make: Callable[[Any], Any], table_name: str) -> None:
    """The same for an entry of a dispatch table, such as an EC2 action or a CloudFormation handler."""
    if key not in table:
        raise PatchError(f'{table_name}[{key!r}] is gone')
    table[key] = make(table[key])


def add_entry(table: dict, key: str, value: Any, table_name: str) -> None:
    """Add what MiniStack does not know. If a release learns it, the addition is needless: say so."""
    if key in table:
        raise PatchError(f'{table_name}[{key!r}] exists by now, drop ours')
    table[key] = value
