"""RequestsHttp against real sockets: what is sent, what comes back, and the exact reason when nothing does."""

import gzip
import logging
import multiprocessing
import sys
import threading
import traceback
import zlib

import pytest

from comotion.adapters.requests_http import RequestsHttp
from comotion.domain.errors import AnswerLost, BrokenAnswer, InvalidArgument, NeverSent, NotTrusted
from comotion.ports.http import HttpRequest

from . import throw_away_ca
from .scripted_server import closed_port, hang, reply, reset, serving, then_close

OK = reply(b"hello")
SECRET = "-".join(["s3", "cr", "et"])  # no line of a traceback shows it because the code does


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch):
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)


def http(**settings) -> RequestsHttp:
    return RequestsHttp(**{"connect_timeout_s": 5.0, "read_timeout_s": 5.0, **settings})


def get(url: str, **members) -> HttpRequest:
    return HttpRequest(**{"operation": "read load 7f", "method": "GET", "url": url, **members})


def shown(caught) -> str:
    """Everything that a log would show of an error, its causes included."""
    return "".join(traceback.format_exception(caught.value))


def test_an_answer_has_status_headers_and_body():
    with serving(reply(b"hello", "X-Kind: greeting", status="404 Not Found")) as server:
        answer = http().send(get(server.url))
        assert (answer.status, answer.headers["x-kind"], answer.read()) == (404, "greeting", b"hello")


def test_chunks_are_at_most_as_long_as_asked():
    with serving(reply(b"x" * 1000)) as server:
        pieces = list(http().send(get(server.url)).chunks(300))
    assert [len(piece) for piece in pieces] == [300, 300, 300, 100]


def test_a_path_goes_out_as_it_was_written():
    with serving(OK) as server:
        http().send(get(server.url + "/v2/query/%2E%2E/%7Ea?sig=%2F%3D")).read()
    assert server.requests[0].startswith(b"GET /v2/query/%2E%2E/%7Ea?sig=%2F%3D HTTP/1.1")


def test_connections_are_used_again():
    client = http()
    with serving(OK) as server:
        for _ in range(5):
            client.send(get(server.url)).read()
    assert (len(server.requests), server.connections) == (5, 1)


def test_threads_share_the_pool():
    client = http(pool_size=4)
    with serving(OK) as server:
        threads = [
            threading.Thread(target=lambda: [client.send(get(server.url)).read() for _ in range(5)]) for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
    assert len(server.requests) == 20
    assert server.connections <= 4


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork")
def test_a_fork_does_not_speak_over_its_parents_connection():
    client = http()
    with serving(OK) as server:
        client.send(get(server.url)).read()
        child = multiprocessing.get_context("fork").Process(target=lambda: client.send(get(server.url)).read())
        child.start()
        child.join(20)
        assert child.exitcode == 0
        client.send(get(server.url)).read()
    assert (len(server.requests), server.connections) == (3, 2)


def test_a_redirect_is_an_answer_and_is_not_followed():
    with serving(OK) as other, serving(reply(b"", f"Location: {other.url}/", status="302 Found")) as server:
        answer = http().send(get(server.url, headers={"Authorization": "Bearer t"}))
        assert (answer.status, answer.headers["Location"]) == (302, f"{other.url}/")
    assert other.requests == []


def test_cookies_are_not_kept():
    client = http()
    with serving(reply(b"", "Set-Cookie: a=b; Path=/")) as server:
        client.send(get(server.url)).read()
        client.send(get(server.url)).read()
    assert b"ookie" not in server.requests[1]


def test_the_netrc_file_is_not_read(monkeypatch, tmp_path):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login jane password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with serving(OK) as server:
        http().send(get(server.url)).read()
    assert b"uthorization" not in server.requests[0]


# What is sent


def test_bytes_go_out_with_their_length():
    with serving(OK) as server:
        http().send(get(server.url, method="POST", body=b"x" * 200_000)).read()
    assert b"Content-Length: 200000" in server.requests[0]
    assert server.requests[0].endswith(b"x" * 200_000)


def test_an_iterable_of_known_size_goes_out_with_its_length():
    with serving(OK) as server:
        http().send(get(server.url, method="PUT", body=[b"ab", b"cd"], size_bytes=4)).read()
    assert b"Content-Length: 4" in server.requests[0]
    assert b"Transfer-Encoding" not in server.requests[0]
    assert server.requests[0].endswith(b"\r\n\r\nabcd")


def test_an_iterable_of_unknown_size_goes_out_chunked():
    with serving(OK) as server:
        http().send(get(server.url, method="PUT", body=[b"ab", b"cd"])).read()
    assert b"Transfer-Encoding: chunked" in server.requests[0]
    assert server.requests[0].endswith(b"2\r\nab\r\n2\r\ncd\r\n0\r\n\r\n")


def test_a_post_without_body_says_so():
    with serving(OK) as server:
        http().send(get(server.url, method="POST")).read()
    assert b"Content-Length: 0" in server.requests[0]


@pytest.mark.parametrize("size_bytes", [3, 5])
def test_a_body_of_another_size_than_announced_is_an_error(size_bytes):
    with serving(OK) as server, pytest.raises(InvalidArgument, match="announced"):
        http().send(get(server.url, method="PUT", body=[b"ab", b"cd"], size_bytes=size_bytes))


def test_an_error_of_the_bodys_source_is_raised_as_it_is():
    def source():
        yield b"ab"
        raise FileNotFoundError("part.parquet")

    class Source:
        def __iter__(self):
            return source()

    with serving(OK) as server, pytest.raises(FileNotFoundError, match=r"part\.parquet"):
        http().send(get(server.url, method="PUT", body=Source(), size_bytes=4))


def test_a_header_that_cannot_be_sent_is_refused_and_not_shown():
    with serving(OK) as server, pytest.raises(InvalidArgument, match="Authorization") as caught:
        http().send(get(server.url, headers={"Authorization": f"Bearer {SECRET}\nX: y"}))
    assert SECRET not in shown(caught)
    assert server.requests == []


# No connection: the request surely did not run


def test_a_refused_connection_never_sent_the_request():
    with pytest.raises(NeverSent, match=r"^read load 7f: no connection to 127\.0\.0\.1:\d+: connection refused$"):
        http().send(get(f"http://127.0.0.1:{closed_port()}/"))


def test_an_unknown_host_never_sent_the_request():
    with pytest.raises(NeverSent, match="host name could not be resolved"):
        http().send(get("http://nowhere.invalid/"))


def test_a_certificate_of_an_unknown_authority_never_sent_the_request(tmp_path):
    _, tls = throw_away_ca.make(tmp_path)
    with serving(OK, tls=tls) as server, pytest.raises(NotTrusted, match=r"not accepted.*REQUESTS_CA_BUNDLE"):
        http().send(get(f"https://127.0.0.1:{server.port}/"))
    assert server.requests == []


def test_a_server_that_speaks_no_tls_never_got_the_request():
    with serving(then_close(b"SSH-2.0-OpenSSH_9.2\r\n")) as server, pytest.raises(NeverSent):
        http(connect_timeout_s=1.0).send(get(f"https://127.0.0.1:{server.port}/"))


def test_a_missing_ca_bundle_never_sent_the_request(monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/ca.pem")
    with pytest.raises(NotTrusted, match=r"no certificates can be read.*REQUESTS_CA_BUNDLE=/nowhere"):
        http().send(get("https://127.0.0.1:1/"))


@pytest.mark.parametrize("content", ["", "no certificate at all"])
def test_a_ca_bundle_without_certificates_is_said_to_be(monkeypatch, tmp_path, content):
    _, tls = throw_away_ca.make(tmp_path)
    bundle = tmp_path / "bundle.pem"
    bundle.write_text(content)
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    with serving(OK, tls=tls) as server, pytest.raises(NotTrusted, match=f"SSL_CERT_FILE={bundle}"):
        http().send(get(f"https://127.0.0.1:{server.port}/"))


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_is_not_there_never_sent_the_request(monkeypatch, scheme):
    monkeypatch.setenv(f"{scheme}_proxy", f"http://127.0.0.1:{closed_port()}")
    with pytest.raises(NeverSent, match="connection refused"):
        http().send(get(f"{scheme}://service.invalid/"))


@pytest.mark.parametrize("proxy", ["http://user:{secret}@127.0.0.1:{port}", "user:{secret}@127.0.0.1:{port}"])
def test_a_proxy_that_is_not_there_is_named_without_its_password(monkeypatch, proxy):
    port = closed_port()
    monkeypatch.setenv("https_proxy", proxy.format(secret=SECRET, port=port))
    with pytest.raises(NeverSent, match=f"to example.com through the proxy 127.0.0.1:{port}: ") as caught:
        http().send(get("https://example.com/"))
    assert SECRET not in shown(caught)


def test_a_proxy_setting_that_is_none_is_said_to_be(monkeypatch):
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:port")
    with pytest.raises(NeverSent, match="the URL or a proxy setting is unusable"):
        http().send(get("https://example.com/"))


def test_a_proxy_that_refuses_never_sent_the_request(monkeypatch):
    with serving(reply(status="407 Proxy Authentication Required")) as proxy:
        monkeypatch.setenv("https_proxy", f"http://jane:{SECRET}@127.0.0.1:{proxy.port}")
        with pytest.raises(NeverSent, match="407") as caught:
            http().send(get("https://service.invalid/"))
    assert proxy.requests[0].startswith(b"CONNECT service.invalid:443")
    assert SECRET not in shown(caught)


# A connection: it may have run


def test_a_reset_after_the_request_is_a_lost_answer():
    with serving(reset) as server, pytest.raises(AnswerLost, match="connection reset"):
        http().send(get(server.url))


def test_a_connection_closed_without_a_word_is_a_lost_answer():
    with serving(then_close(b"")) as server, pytest.raises(AnswerLost, match="gave no answer"):
        http().send(get(server.url))


def test_silence_is_a_lost_answer():
    with serving(hang) as server, pytest.raises(AnswerLost, match="timed out"):
        http(read_timeout_s=0.2).send(get(server.url))


def test_a_request_may_have_its_own_read_timeout():
    with serving(hang) as server, pytest.raises(AnswerLost, match="timed out"):
        http(read_timeout_s=60.0).send(get(server.url, timeout_s=0.2))


def test_words_that_are_no_http_are_a_lost_answer():
    with serving(then_close(b"SSH-2.0-OpenSSH_9.2\r\n")) as server, pytest.raises(AnswerLost):
        http().send(get(server.url))


def test_an_answer_of_two_lengths_is_a_lost_answer():
    with (
        serving(reply(b"hello", "Content-Length: 5", "Content-Length: 12")) as server,
        pytest.raises(AnswerLost, match="contradicts itself"),
    ):
        http().send(get(server.url)).read()


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\nContent-Length: 5\r\n\r\n"


@pytest.mark.parametrize("size_bytes", range(len(HEAD)))
def test_a_head_that_breaks_off_is_a_lost_answer_wherever_it_does(size_bytes):
    with serving(then_close(HEAD[:size_bytes])) as server, pytest.raises(AnswerLost):
        http().send(get(server.url)).read()


@pytest.mark.parametrize("interim", [b"100 Continue", b"103 Early Hints", b"102 Processing"])
def test_an_interim_answer_is_passed_over(interim):
    before = b"HTTP/1.1 " + interim + b"\r\nLink: </x>\r\n\r\n"
    with serving(then_close(before * 2 + HEAD + b"hello")) as server:
        answer = http().send(get(server.url))
        assert (answer.status, answer.read()) == (200, b"hello")


def test_tls_that_breaks_after_the_request_is_a_lost_answer(monkeypatch, tmp_path):
    ca_file, tls = throw_away_ca.make(tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(ca_file))
    with serving(reset, tls=tls) as server, pytest.raises(AnswerLost):
        http().send(get(f"https://127.0.0.1:{server.port}/"))
    assert len(server.requests) == 1


def test_tls_garbage_after_the_request_is_a_lost_answer(monkeypatch, tmp_path):
    ca_file, tls = throw_away_ca.make(tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(ca_file))

    def garbage(connection):
        import os

        os.write(connection.sock.fileno(), b"\x17\x03\x03\x00\x20" + b"x" * 32)  # a record that nobody encrypted

    with serving(garbage, tls=tls) as server, pytest.raises(AnswerLost):
        http().send(get(f"https://127.0.0.1:{server.port}/"))
    assert len(server.requests) == 1


@pytest.mark.parametrize("is_ended_by_tls", [True, False])
def test_a_body_without_length_is_whole_only_if_tls_says_that_it_has_ended(monkeypatch, tmp_path, is_ended_by_tls):
    ca_file, tls = throw_away_ca.make(tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(ca_file))

    def until_closed(connection):
        connection.sock.sendall(reply(b"hello", "Connection: close"))
        ended = connection.sock.unwrap() if is_ended_by_tls else connection.sock
        ended.close()

    with serving(until_closed, tls=tls) as server:
        answer = http().send(get(f"https://127.0.0.1:{server.port}/"))
        if is_ended_by_tls:
            assert answer.read() == b"hello"
        else:
            with pytest.raises(AnswerLost):
                answer.read()


@pytest.mark.parametrize("fault", [reset, then_close(b"HTTP/1.1 twohundred OK\r\n\r\n"), then_close(b"")])
def test_an_error_shows_neither_the_query_of_a_signed_url_nor_a_header(fault):
    with serving(fault) as server, pytest.raises(AnswerLost) as caught:
        http().send(get(f"{server.url}/part?X-Amz-Signature={SECRET}", headers={"Authorization": SECRET}))
    assert SECRET not in shown(caught)


def test_an_unreachable_signed_url_is_not_shown():
    with pytest.raises(NeverSent) as caught:
        http().send(get(f"http://127.0.0.1:{closed_port()}/part?X-Amz-Signature={SECRET}"))
    assert SECRET not in shown(caught)


# Bodies that break off


@pytest.mark.parametrize(
    "answer",
    [
        reply(b"abc", "Content-Length: 10"),
        reply(b"5\r\nabc", "Transfer-Encoding: chunked"),
        reply(b"3\r\nabc\r\n", "Transfer-Encoding: chunked"),
        reply(gzip.compress(b"abc" * 100)[:-9], "Content-Encoding: gzip", "Connection: close"),
        reply(zlib.compress(b"abc" * 100)[:-5], "Content-Encoding: deflate", "Connection: close"),
        reply(gzip.compress(b"abc" * 100)[:-9], "Content-Encoding: gzip"),
        reply(b"\x1f\x8b\x08 no gzip at all", "Content-Encoding: gzip"),
    ],
    ids=["short", "chunk cut", "last chunk missing", "gzip cut", "deflate cut", "gzip short", "gzip damaged"],
)
def test_a_body_that_breaks_off_is_a_lost_answer(answer):
    with serving(then_close(answer)) as server:
        received = http().send(get(server.url))
        with pytest.raises(AnswerLost, match="read load 7f"):
            received.read()


@pytest.mark.parametrize(
    "answer",
    [
        reply(b"abc", "Content-Length: 10"),
        reply(b"5\r\nabc", "Transfer-Encoding: chunked"),
        reply(b"3\r\nabc\r\n", "Transfer-Encoding: chunked"),
    ],
    ids=["short", "chunk cut", "last chunk missing"],
)
def test_a_connection_that_was_closed_too_early_is_said_to_be(answer):
    with serving(then_close(answer)) as server, pytest.raises(AnswerLost) as lost:
        http().send(get(server.url)).read()
    assert str(lost.value).endswith("the answer broke off: the connection was closed")


def test_a_body_that_hangs_is_a_lost_answer():
    def half(connection):
        connection.sock.sendall(reply(b"abc", "Content-Length: 10"))
        hang(connection)

    with serving(half) as server:
        received = http(read_timeout_s=0.2).send(get(server.url))
        with pytest.raises(AnswerLost, match="broke off: timed out"):
            received.read()


def _raw_deflate(data: bytes) -> bytes:
    deflate = zlib.compressobj(wbits=-15)
    return deflate.compress(data) + deflate.flush()


@pytest.mark.parametrize(
    ("coding", "encode"),
    [
        ("gzip", gzip.compress),
        ("GZIP", gzip.compress),
        ("gzip", lambda data: gzip.compress(data[:7]) + gzip.compress(data[7:])),
        ("deflate", zlib.compress),
        ("deflate", _raw_deflate),
        ("identity", bytes),
    ],
)
def test_a_coded_body_is_decoded(coding, encode):
    data = bytes(range(256)) * 3000
    with serving(reply(encode(data), f"Content-Encoding: {coding}")) as server:
        pieces = list(http().send(get(server.url)).chunks(10_000))
    assert b"".join(pieces) == data
    assert max(len(piece) for piece in pieces) <= 10_000


def test_a_coding_that_nobody_asked_for_is_an_error():
    with serving(reply(b"abc", "Content-Encoding: zstd")) as server:
        received = http().send(get(server.url))
        with pytest.raises(BrokenAnswer, match="zstd"):
            received.read()


@pytest.mark.parametrize("framing", ["gzip, chunked", "gzip"])
def test_a_transfer_coding_that_nobody_asked_for_is_an_error(framing):
    packed = gzip.compress(b"hello")
    body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(packed), packed) if "chunked" in framing else packed
    with (
        serving(then_close(reply(body, f"Transfer-Encoding: {framing}"))) as server,
        pytest.raises(BrokenAnswer, match="transfer coding nobody asked for: 'gzip"),
    ):
        http().send(get(server.url)).read()


def test_no_coding_is_asked_for():
    with serving(OK) as server:
        http().send(get(server.url)).read()
    assert b"Accept-Encoding: identity" in server.requests[0]


def test_closing_an_unread_answer_frees_its_connection():
    client = http(pool_size=1)
    with serving(reply(b"x" * 1_000_000)) as server:
        client.send(get(server.url)).close()
        assert len(client.send(get(server.url)).read()) == 1_000_000


# Settings of the environment


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"])
def test_the_environments_ca_bundle_is_trusted(monkeypatch, tmp_path, name):
    ca_file, tls = throw_away_ca.make(tmp_path)
    monkeypatch.setenv(name, str(ca_file))
    with serving(OK, tls=tls) as server:
        assert http().send(get(f"https://127.0.0.1:{server.port}/")).read() == b"hello"


def test_the_environments_proxy_is_used(monkeypatch):
    with serving(OK) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        assert http().send(get("http://service.invalid/path?a=b")).read() == b"hello"
    assert proxy.requests[0].startswith(b"GET http://service.invalid/path?a=b HTTP/1.1")


def test_a_host_in_no_proxy_is_reached_directly(monkeypatch):
    with serving(OK) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.setenv("no_proxy", "service.invalid")
        with pytest.raises(NeverSent, match="could not be resolved"):
            http().send(get("http://service.invalid/"))
    assert proxy.requests == []


def test_this_machine_itself_needs_no_proxy(monkeypatch):
    with serving(OK) as server:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{closed_port()}")
        assert http().send(get(server.url)).read() == b"hello"


def test_the_transports_own_log_shows_no_signature(caplog):
    with serving(OK) as server, caplog.at_level(logging.DEBUG):
        http().send(get(f"{server.url}/part?a=b&X-Amz-Signature={SECRET}&c=d")).read()
    assert "/part?" in caplog.text
    assert SECRET not in caplog.text
