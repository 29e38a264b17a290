"""Generated secrets keep to their excluded characters, Ref of a secret is its ARN, and rotations begin as they should.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-secretsmanager-secret-generatesecretstring.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-secretsmanager-secret.html (Ref)

A rotation begins with a pending version that has no value yet, and the current one stays until a function finishes it.
https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotateSecret.html
MiniStack would make the old value current under a new version. What is not modelled: calling the function, on a schedule
or at all; a test invokes it with the four steps.
"""
import string
import time

from ministack.core.responses import json_response, new_uuid
from ministack.services import secretsmanager
from ministack.services.cloudformation import provisioners

from .ec2_common import is_true
from .patching import private, replace, replace_entry

_EXCLUDED_BY = {
    'ExcludePunctuation': string.punctuation,
    'ExcludeNumbers': string.digits,
    'ExcludeLowercase': string.ascii_lowercase,
    'ExcludeUppercase': string.ascii_uppercase,
}


def _with_exclusions(base):
    def secret_string(props):
        generate = props.get('GenerateSecretString')
        if not generate:
            return base(props)
        excluded = generate.get('ExcludeCharacters', '') + ''.join(
            characters for flag, characters in _EXCLUDED_BY.items() if is_true(generate.get(flag)))
        return base({**props, 'GenerateSecretString': {**generate, 'ExcludeCharacters': excluded}})

    return secret_string


def _name_of(physical_id: str) -> str:
    """MiniStack's handlers know a secret by its name; ours give them the ARN that Ref returns."""
    secrets = private(secretsmanager, '_secrets')
    return next((name for name, secret in list(secrets.items()) if secret['ARN'] == physical_id), physical_id)


def _known_by_arn(base: dict) -> dict:
    def by_arn(result):
        _, attributes = result
        return attributes['Arn'], attributes

    return {
        **base,
        'create': lambda logical_id, props, stack_name: by_arn(base['create'](logical_id, props, stack_name)),
        'update': lambda physical_id, *rest: by_arn(base['update'](_name_of(physical_id), *rest)),
        'delete': lambda physical_id, props: base['delete'](_name_of(physical_id), props),
    }


def _leaves_the_version_pending(base):
    def rotate_secret(data):
        _, secret = private(secretsmanager, '_resolve')(data.get('SecretId'))
        if not secret or secret.get('DeletedDate'):
            return base(data)
        version = data.get('ClientRequestToken') or new_uuid()
        secret['RotationEnabled'] = True
        for name in ('RotationLambdaARN', 'RotationRules'):
            secret[name] = data.get(name) or secret.get(name)
        secret['Versions'][version] = {
            'SecretString': None, 'SecretBinary': None, 'CreatedDate': int(time.time()), 'Stages': ['AWSPENDING']}
        return json_response({'ARN': secret['ARN'], 'Name': secret['Name'], 'VersionId': version})

    return rotate_secret


def install() -> None:
    replace(secretsmanager, '_rotate_secret', _leaves_the_version_pending)
    replace(provisioners, '_sm_secret_string', _with_exclusions)
    replace_entry(private(provisioners, '_RESOURCE_HANDLERS'), 'AWS::SecretsManager::Secret', _known_by_arn,
                  'provisioners._RESOURCE_HANDLERS')
