"""Errors of the API: their status and the envelope that official clients read."""

from yozora.server.errors import ApiError, invalid, missing


def test_an_error_is_an_envelope() -> None:
    error = ApiError(429, "Too many requests.", kind="rate_limit_error", code="rate", headers={"Retry-After": "3"})
    said = {"message": "Too many requests.", "type": "rate_limit_error", "param": None, "code": "rate"}
    assert error.envelope == {"error": {**said, "reason": "rate"}}
    assert ApiError(400, "No.", code="no", reason="too_late").envelope["error"]["reason"] == "too_late"
    assert (error.status, str(error), error.headers) == (429, "Too many requests.", {"Retry-After": "3"})
    assert ApiError(400, "No.", code="no").headers == {}


def test_an_invalid_field_is_named() -> None:
    error = invalid("seconds", "It is too long.")
    assert error.status == 400
    assert error.envelope["error"]["param"] == "seconds"
    assert error.envelope["error"]["type"] == "invalid_request_error"
    assert error.envelope["error"]["code"] == "invalid_value"
    assert invalid(None, "No.", "other").code == "other"


def test_what_is_missing_is_named_and_cut() -> None:
    error = missing("video", "video_" + "x" * 200)
    assert (error.status, error.kind, error.code) == (404, "not_found_error", "not_found")
    assert "video_xxx" in error.message
    assert len(error.message) < 140
