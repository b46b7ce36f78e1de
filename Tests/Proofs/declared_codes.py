"""A check of schemathesis's (SCHEMATHESIS_HOOKS): a refusal's code is one that the document declares for its operation and status."""

import schemathesis


@schemathesis.check
def declared_codes(context, response, case):
    status = str(response.status_code)
    declared = case.operation.definition.raw.get("responses", {}).get(status, {}).get("x-codes")
    if declared is None:
        assert response.status_code < 400, f"{status} declares no codes"
        return
    if case.method == "HEAD" or not response.content:
        return
    body = response.json()
    code = body["error"]["code"] if isinstance(body.get("error"), dict) else body.get("error_code", body.get("code"))
    assert code in declared, f"{status} answered the code {code!r}, which is not among {declared}"
