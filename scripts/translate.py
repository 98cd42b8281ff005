#!/usr/bin/env python3
"""Turns template.yaml into the CloudFormation that AWS makes of it, so that it can be linted and looked at without an account.

    scripts/translate.py [template.yaml]     prints JSON

Needs the package aws-sam-translator, which comes with the SAM CLI. That is the code of the transform itself; what a deployment
adds is where the built functions lie, and that is made up here.
"""

import json
import os
import sys
from pathlib import Path

os.environ.setdefault("AWS_DEFAULT_REGION", "eu-central-1")

from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse


class NoManagedPolicies:
    """Policies are asked of IAM only where a template names a managed one, and this one names none."""

    def load(self):
        return {}


def main() -> None:
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent.parent / "template.yaml"
    template = yaml_parse(path.read_text(encoding="utf-8"))
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = {"Bucket": "deployments", "Key": "function.zip"}
    # Parameters with defaults have them; the translator looks into the others only where it must, and it must nowhere.
    print(json.dumps(transform(template, {}, NoManagedPolicies()), indent=2))


if __name__ == "__main__":
    main()
