"""What the web channel decides before it listens: how often, from which page, from which address."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from multidict import CIMultiDict

from wence.channels.addresses import Proxies, is_direct
from wence.channels.origins import Origins
from wence.channels.rate_limit import RateLimit


def request(ip: str, **headers: str) -> Any:
    return SimpleNamespace(
        ip=ip, headers=CIMultiDict({name.replace("_", "-"): value for name, value in headers.items()})
    )


class TestRateLimit:
    def test_a_burst_is_allowed_and_then_one_at_a_time(self) -> None:
        now = 0.0
        limit = RateLimit(per_minute=60, burst=3, clock=lambda: now)
        assert [limit.wait("a") for _ in range(3)] == [0.0] * 3
        assert limit.wait("a") == pytest.approx(1.0)
        now = 0.5
        assert limit.wait("a") == pytest.approx(0.5)
        now = 1.0
        assert limit.wait("a") == 0.0
        assert limit.wait("a") > 0

    def test_one_name_does_not_use_up_what_another_may(self) -> None:
        limit = RateLimit(per_minute=1, burst=1)
        assert limit.wait("a") == 0.0
        assert limit.wait("b") == 0.0
        assert limit.wait("a") > 0

    def test_a_long_pause_brings_no_more_than_a_burst(self) -> None:
        now = 0.0
        limit = RateLimit(per_minute=60, burst=2, clock=lambda: now)
        limit.wait("a")
        now = 3600.0
        assert [limit.wait("a") > 0 for _ in range(3)] == [False, False, True]

    def test_the_memory_is_bounded_and_those_unused_longest_are_forgotten(self) -> None:
        limit = RateLimit(per_minute=1, burst=1, most=3)
        for name in "abcd":
            limit.wait(name)
        assert len(limit) == 3
        assert limit.wait("d") > 0
        assert limit.wait("a") == 0.0


class TestOrigins:
    @pytest.mark.parametrize(
        ("origin", "host"),
        [
            ("", "127.0.0.1:5005"),
            ("http://127.0.0.1:5005", "127.0.0.1:5005"),
            ("https://wence.example", "wence.example"),
            ("https://wence.example", "wence.example:443"),
            ("https://wence.example:8443", "wence.example:8443"),
            ("https://www.smx.gov.cn", "wence.example"),
            ("http://[::1]:5005", "[::1]:5005"),
        ],
    )
    def test_our_own_and_the_listed_may_ask(self, origin: str, host: str) -> None:
        assert Origins(["https://www.smx.gov.cn"]).allows(origin, host)

    @pytest.mark.parametrize(
        "origin",
        [
            "null",
            "https://evil.example",
            "https://www.smx.gov.cn.evil.example",
            "https://evilwww.smx.gov.cn",
            "http://www.smx.gov.cn",
            "https://www.smx.gov.cn:8443",
            "https://wence.example:1",
            "ftp://wence.example",
            "wence.example",
            "https://[",
            "*",
        ],
    )
    def test_no_other_may(self, origin: str) -> None:
        assert not Origins(["https://www.smx.gov.cn"]).allows(origin, "wence.example")

    def test_an_allowed_origin_is_named_and_never_allowed_credentials(self) -> None:
        headers = Origins.preflight("https://www.smx.gov.cn")
        assert headers["Access-Control-Allow-Origin"] == "https://www.smx.gov.cn"
        assert headers["Access-Control-Max-Age"] == "600"
        assert "Access-Control-Allow-Credentials" not in headers


class TestAddresses:
    def test_what_a_client_says_about_itself_is_not_believed(self) -> None:
        assert Proxies().client(request("192.0.2.1", x_forwarded_for="198.51.100.7")) == "192.0.2.1"

    def test_the_word_of_a_named_proxy_is(self) -> None:
        proxies = Proxies(["192.0.2.0/24"])
        assert proxies.client(request("192.0.2.1", x_forwarded_for="203.0.113.9, 198.51.100.7")) == "198.51.100.7"

    def test_a_row_of_named_proxies_is_followed_to_the_first_stranger(self) -> None:
        proxies = Proxies(["192.0.2.0/24"])
        written = "203.0.113.9, 198.51.100.7, 192.0.2.5"
        assert proxies.client(request("192.0.2.1", x_forwarded_for=written)) == "198.51.100.7"

    @pytest.mark.parametrize("written", ["", "unknown", "198.51.100.7, rubbish"])
    def test_without_a_readable_word_the_proxy_itself_counts(self, written: str) -> None:
        assert Proxies(["192.0.2.1"]).client(request("192.0.2.1", x_forwarded_for=written)) == "192.0.2.1"

    def test_a_network_of_ipv6_counts_as_one(self) -> None:
        first, second = (Proxies().client(request(ip)) for ip in ("2001:db8::1", "2001:db8::ffff"))
        assert first == second == "2001:db8::/64"

    def test_the_host_that_a_named_proxy_passes_on_is_believed(self) -> None:
        asked = request("192.0.2.1", host="127.0.0.1:5005", x_forwarded_host="wence.example")
        assert Proxies(["192.0.2.1"]).host(asked) == "wence.example"
        assert Proxies().host(asked) == "127.0.0.1:5005"

    @pytest.mark.parametrize("ip", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"])
    def test_a_request_from_this_machine_is_direct(self, ip: str) -> None:
        assert is_direct(request(ip))

    @pytest.mark.parametrize("ip", ["192.0.2.1", "10.0.0.1", "::2", "", "unix:"])
    def test_a_request_from_elsewhere_is_not(self, ip: str) -> None:
        assert not is_direct(request(ip))

    @pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via", "x-forwarded-host"])
    def test_a_request_through_a_proxy_on_this_machine_is_not(self, header: str) -> None:
        assert not is_direct(request("127.0.0.1", **{header.replace("-", "_"): "198.51.100.7"}))
