"""What is checked beside schemathesis's own checks, and what requests are kept from doing."""

import itertools
import json
import re

import schemathesis
from schemathesis.specs.openapi.checks import RejectedPositiveData

# Refusals of requests that keep to the description, where only words and not JSON Schema can say why: how things stand,
# rules that have a code of their own, and limits that are counted in bytes.
BY_HOW_THINGS_STAND = {401, 403, 404, 409, 412, 429}
IN_WORDS = re.compile(r"must be at most \d+ bytes long|must not be blank|there is no such ticket|only a sealed ticket"
                      r"|not by both|say something, or name a template|does not fit the command|name each ticket once"
                      r"|say where the trend begins and ends|more than \d+ (groups and )?periods|say what it is a group of"
                      r"|use a name of the IANA database")

FRESH = itertools.count()


@schemathesis.check
def what_is_described_is_taken(ctx, response, case):
    """A request that keeps to the description is taken, or refused for a reason that the description gives in words."""
    if case.meta is None or not case.meta.generation.mode.is_positive or response.status_code < 400:
        return
    if response.status_code >= 500 or response.status_code in BY_HOW_THINGS_STAND:
        return
    problem = response.json()
    if response.status_code == 422 and (problem["code"] != "invalid" or IN_WORDS.search(problem["detail"])):
        return
    raise RejectedPositiveData(
        operation=case.operation.label,
        message="A request that keeps to the description was refused",
        status_code=response.status_code,
        allowed_statuses=sorted(BY_HOW_THINGS_STAND),
    )


@schemathesis.check
def a_refusal_says_what_to_do(ctx, response, case):
    """Every error is a problem whose type, status, title and detail fit together (RFC 9457)."""
    if response.status_code < 400 or case.method == "HEAD" or case.path == "/readyz":
        return
    problem = response.json()
    assert problem["type"] == "urn:docket:problem:" + problem["code"], problem
    assert problem["status"] == response.status_code, problem
    assert problem["title"] and problem["detail"], problem
    if response.status_code in (429, 503):
        assert response.headers["retry-after"], problem


@schemathesis.serializer("application/x-ndjson", "application/jsonl")
def lines_of_facts(ctx, value):
    """What was made up as a line of its own, and in a line that is a fact (docs/how-to/import.md)."""
    text = value if isinstance(value, str) else json.dumps(value)
    source = {"system": "sample", "case": text or "-", "seq": 0, "type": "created", "actor": text}
    data = {"requester": {"id": "ana"}, "subject": text, "channel": "import"}
    fact = {"type": "ticket.opened", "occurred_at": 1767603600000, "source": source, "data": data}
    return f"{text}\n{json.dumps({'facts': [fact]})}\n".encode("utf-8", "surrogatepass")


def with_whole_numbers_in_digits(value):
    """7.0 as 7, which JSON Schema takes for the same and Docket does not."""
    if isinstance(value, dict):
        return {name: with_whole_numbers_in_digits(of) for name, of in value.items()}
    if isinstance(value, list):
        return [with_whole_numbers_in_digits(one) for one in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


@schemathesis.hook
def before_call(context, case, **kwargs):
    """Keeps requests from waiting for what does not come, and mends what this release of schemathesis gets wrong."""
    for name, most in (("at_least", 1), ("wait_ms", 20)):
        value = (case.query or {}).get(name)
        if re.fullmatch(r"[0-9]{1,20}", str(value)) and most < int(value) < 2**64:
            case.query[name] = type(value)(most)
    positive = case.meta and case.meta.generation.mode.is_positive
    if positive and isinstance(case.body, (dict, list)):
        case.body = with_whole_numbers_in_digits(case.body)
    # A name that leads nowhere (RFC 2606), so that nothing is sent to strangers.
    if positive and isinstance(case.body, dict) and case.body.get("url"):
        case.body["url"] = "https://hooks.invalid/in"
    headers = case.headers or {}
    # Most of its keys are the same few, and the same key with another request is refused.
    if positive and headers.get("Idempotency-Key"):
        headers["Idempotency-Key"] = f"{headers['Idempotency-Key'][:100]}-{next(FRESH)}"
    # Its coverage phase writes 0 where a header's pattern holds a quotation mark, and few tags fit a ticket.
    if positive and (headers.get("If-Match") == "0" or (headers.get("If-Match") and next(FRESH) % 2)):
        headers["If-Match"] = "*"
