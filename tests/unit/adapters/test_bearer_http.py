"""BearerHttp: the token goes where it must, nowhere else, and is renewed once."""

import pytest

from comotion.adapters.bearer_http import BearerHttp
from comotion.domain.errors import InvalidArgument, SignInNeeded
from comotion.domain.pacing import Repeat
from comotion.ports.http import HttpRequest

from .scripted_http import Response, ScriptedHttp


class Tokens:
    def __init__(self):
        self.refused: list[str] = []

    def token(self) -> str:
        return "first"

    def renewed(self, refused: str) -> str:
        self.refused.append(refused)
        return "second"


class NoMoreTokens(Tokens):
    def renewed(self, refused: str) -> str:
        raise SignInNeeded("sign in")


def request(url: str = "https://org.api.example/v2/query", **members) -> HttpRequest:
    return HttpRequest(**{"operation": "run query", "method": "POST", "url": url, **members})


def bearers(http: ScriptedHttp) -> list[str]:
    return [sent.headers["Authorization"] for sent in http.requests]


def test_the_token_is_added_and_other_headers_stay():
    inner = ScriptedHttp(Response(200))
    BearerHttp(inner, tokens=Tokens()).send(request(headers={"Accept": "application/json"}))
    assert inner.requests[0].headers == {"Accept": "application/json", "Authorization": "Bearer first"}


def test_a_401_renews_the_token_and_sends_again():
    inner, tokens = ScriptedHttp(Response(401), Response(200)), Tokens()
    assert BearerHttp(inner, tokens=tokens).send(request()).status == 200
    assert (bearers(inner), tokens.refused) == (["Bearer first", "Bearer second"], ["first"])


def test_a_401_did_not_run_so_anything_may_be_sent_again():
    inner = ScriptedHttp(Response(401), Response(202))
    assert BearerHttp(inner, tokens=Tokens()).send(request(repeat=Repeat.NEVER)).status == 202


def test_a_second_401_is_the_answer():
    inner = ScriptedHttp(Response(401))
    assert BearerHttp(inner, tokens=Tokens()).send(request()).status == 401
    assert len(inner.requests) == 2


def test_the_refused_answer_gives_its_connection_back():
    refusal = Response(401)
    BearerHttp(ScriptedHttp(refusal, Response(200)), tokens=Tokens()).send(request())
    assert refusal.is_closed


def test_a_sign_in_that_is_over_is_said():
    with pytest.raises(SignInNeeded):
        BearerHttp(ScriptedHttp(Response(401)), tokens=NoMoreTokens()).send(request())


@pytest.mark.parametrize("status", [200, 302, 403, 500])
def test_any_other_answer_is_returned_as_it_is(status):
    inner = ScriptedHttp(Response(status))
    assert BearerHttp(inner, tokens=Tokens()).send(request()).status == status
    assert len(inner.requests) == 1


def test_the_token_is_not_sent_in_the_clear():
    inner = ScriptedHttp(Response(200))
    with pytest.raises(InvalidArgument, match=r"a token is not sent over http to org\.api\.example"):
        BearerHttp(inner, tokens=Tokens()).send(request("http://org.api.example/v2/query"))
    assert inner.requests == []


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8080", "[::1]:8080"])
def test_loopback_needs_no_tls(host):
    inner = ScriptedHttp(Response(200))
    assert BearerHttp(inner, tokens=Tokens()).send(request(f"http://{host}/v2/query")).status == 200


def test_the_token_does_not_show_in_the_request():
    inner = ScriptedHttp(Response(200))
    BearerHttp(inner, tokens=Tokens()).send(request())
    assert "first" not in repr(inner.requests[0])
