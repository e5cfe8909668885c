"""Carriers' calls as SIPp places them."""

import pytest

from carriers import sipp
from directory import CARRIER, NOBODYS, STRANGER


@pytest.mark.parametrize(
    "transport, source",
    [("u1", CARRIER), ("t1", CARRIER), ("tn", CARRIER), ("u1", "::1"), ("t1", "::1")],
    ids=["udp", "one tcp connection", "a tcp connection each", "udp over ipv6", "tcp over ipv6"],
)
def test_an_invite_is_redirected_and_its_ack_ends_it(gateway, tmp_path, transport, source):
    outcome = sipp("redirected", gateway, tmp_path, 100, transport=transport, source=source)
    assert (outcome.successful, outcome.failed, outcome.unexpected) == (100, 0, 0), outcome.text
    assert outcome.exit_code == 0


@pytest.mark.parametrize("transport", ["u1", "t1"])
def test_an_unknown_number_is_refused_with_its_reason(gateway, tmp_path, transport):
    outcome = sipp("unknown-number", gateway, tmp_path, 20, transport=transport, number=NOBODYS)
    assert (outcome.successful, outcome.failed) == (20, 0), outcome.text


@pytest.mark.parametrize("transport", ["u1", "t1"])
def test_a_cancel_after_the_answer_gets_200_and_the_invite_keeps_its_302(
    gateway, tmp_path, transport
):
    outcome = sipp("cancelled", gateway, tmp_path, 20, transport=transport)
    assert (outcome.successful, outcome.failed) == (20, 0), outcome.text


@pytest.mark.parametrize("transport, source", [("u1", CARRIER), ("t1", CARRIER), ("u1", "::1")])
def test_options_gets_200_with_the_methods_we_take(gateway, tmp_path, transport, source):
    outcome = sipp("options", gateway, tmp_path, 20, transport=transport, source=source)
    assert (outcome.successful, outcome.failed) == (20, 0), outcome.text


def test_a_carrier_that_no_trunk_knows_gets_403_where_the_operator_wants_it(
    start_gateway, tmp_path
):
    gateway = start_gateway(configuration={"sip": {"unknown_source": "reject"}})
    outcome = sipp("unknown-trunk", gateway, tmp_path, 20, source=STRANGER)
    assert (outcome.successful, outcome.failed) == (20, 0), outcome.text
    assert gateway.metric("sip_unknown_source_total") >= 20


def test_every_call_ends_well_though_one_packet_in_five_is_lost(start_gateway, tmp_path):
    gateway = start_gateway(configuration={"sip": {"t1": "50ms", "t2": "400ms"}})
    outcome = sipp("lossy", gateway, tmp_path, 1_000, rate=200)
    assert (outcome.successful, outcome.failed) == (1_000, 0), outcome.text
    gateway.settle()
    assert gateway.metric("calls_answered_total") == 1_000
    assert len(gateway.records()) == 1_000


def test_twenty_thousand_calls_in_a_burst_are_all_redirected_and_recorded(
    start_gateway, tmp_path
):
    gateway = start_gateway(configuration={"sip": {"t4": "1s"}})
    outcome = sipp("redirected", gateway, tmp_path, 20_000, rate=2_500, seconds=60)
    assert outcome.successful == 20_000, outcome.text
    assert outcome.failed == 0
    assert outcome.unexpected == 0
    gateway.settle()
    assert gateway.metric("calls_answered_total") == 20_000
    assert gateway.metric("records_lost_total") == 0
    assert len({row["id"] for row in gateway.records()}) == 20_000
