"""What the package path merges into Chalice's template, and that the gateway answers alike on both paths."""

import json
from typing import Any

import pytest

from app import app
from chalicelib.api import errors
from infra import merge
from infra.functions import functions_of
from infra.gateway_responses import RESPONSES, put_gateway_responses, sam_gateway_responses
from infra.merge import merge_template

STAGE = "prod"


@pytest.mark.parametrize("answer", RESPONSES, ids=lambda answer: answer.kind)
def test_an_answer_of_the_gateway_has_our_shape(answer: Any) -> None:
    error = json.loads(answer.template)["error"]

    assert error.keys() == json.loads(json.dumps(errors.failure(500).body))["error"].keys()
    assert error["details"] == []
    assert not answer.status or error["code"] == errors.CODES.get(int(answer.status), error["code"])


def test_both_ways_of_deploying_give_the_same_responses() -> None:
    sam = sam_gateway_responses()

    for put in put_gateway_responses():
        same = sam[put["responseType"]]
        assert put["responseTemplates"] == same["ResponseTemplates"]
        assert put.get("statusCode") == same.get("StatusCode")
        headers = {f"gatewayresponse.header.{name}" for name in same["ResponseParameters"]["Headers"]}
        assert put["responseParameters"].keys() == headers


def test_the_merge_template_is_printed_for_chalice_to_read(capsys: pytest.CaptureFixture[str]) -> None:
    merge.main(["--stage", STAGE])

    assert json.loads(capsys.readouterr().out) == merge_template(STAGE, functions_of(app))
