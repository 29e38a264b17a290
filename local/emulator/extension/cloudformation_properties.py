"""How a module adds what MiniStack drops from a CloudFormation type: run something after create and update."""
from typing import Callable

from ministack.services.cloudformation import provisioners

from .patching import PatchError, private

handlers = private(provisioners, '_RESOURCE_HANDLERS')


def after(resource_type: str, apply: Callable[[str, dict, dict], None]) -> None:
    """`apply(physical id, properties, attributes)` runs after the type was created or updated."""
    if resource_type not in handlers:
        raise PatchError(f'provisioners._RESOURCE_HANDLERS[{resource_type!r}] is gone')
    base = handlers[resource_type]

    def create(logical_id, props, stack_name):
        physical_id, attributes = base['create'](logical_id, props, stack_name)
        apply(physical_id, props, attributes)
        return physical_id, attributes

    def update(physical_id, old, new, *rest):
        updated_id, attributes = base['update'](physical_id, old, new, *rest)
        apply(updated_id, new, attributes)
        return updated_id, attributes

    handlers[resource_type] = {**base, 'create': create, **({'update': update} if 'update' in base else {})}
