"""What becomes of records when somebody takes the call log away, and which decisions have one of their own."""

import shutil
import signal
import sqlite3
from contextlib import closing

import pytest

from directory import FRONT_DESK, NOBODYS, sample_directory
from gateway import merged, wait_until
from sip import DatagramCarrier, unique
from webhook import STATUS, VOICE, Twilio, parameters


def told(gateway, words):
    return wait_until(lambda: [line for line in gateway.log_lines() if words in line.get("event", "")], words)


@pytest.mark.parametrize("moves", [False, True], ids=["removed", "moved"])
def test_a_call_log_that_is_taken_away_goes_on_in_a_new_file_and_says_so(start_gateway, moves):
    gateway = start_gateway()
    with DatagramCarrier(gateway) as carrier:
        first, second = unique(), unique()
        carrier.call(call_id=first)
        gateway.records_of(first)
        (old,) = gateway.call_log()
        if moves:
            old.rename(gateway.folder / old.name)
        else:
            old.unlink()
        (line,) = told(gateway, "the call log was removed or moved")
        assert (line["level"], line["file"]) == ("warning", old.name)
        (new,) = gateway.call_log()
        assert new.name == line["goes_on_with"]
        carrier.call(call_id=second)
        gateway.records_of(second)
        assert second in {row["call_id"] for row in gateway.calls()}
    gateway.process.send_signal(signal.SIGUSR1)
    wait_until(lambda: len(gateway.call_log()) == 2, "a new file")
    assert "keep_files" not in gateway.log()
    assert gateway.get("/readyz").status == 200


def test_without_the_folder_of_the_call_log_the_gateway_is_not_ready_until_it_is_back(start_gateway):
    gateway = start_gateway()
    with DatagramCarrier(gateway) as carrier:
        carrier.call()
        gateway.settle()
        shutil.rmtree(gateway.state / "calls")
        wait_until(lambda: gateway.get("/readyz").status == 503, "not ready")
        assert b"no_call_log" in gateway.get("/readyz").content
        assert told(gateway, "the call log is gone")[0]["level"] == "error"
        wait_until(lambda: gateway.metric("call_log_failures_total") > 0, "the metric")
        wait_until(lambda: gateway.metric("call_index_failures_total") > 0, "the metric")
        assert told(gateway, "call records are not indexed")[0]["level"] == "error"
        waiting = unique()
        assert carrier.call(call_id=waiting).status == 302
        (gateway.state / "calls").mkdir()
        wait_until(lambda: gateway.get("/readyz").status == 200, "ready")
        gateway.records_of(waiting)


def test_a_reload_without_the_store_says_so_and_adopts_nothing(start_gateway):
    gateway = start_gateway(configuration={"twilio": {"dial_timeout": 11}})
    gateway.state.rename(gateway.folder / "elsewhere")
    gateway.configure(merged(gateway.configuration, {"twilio": {"dial_timeout": 12}}))
    gateway.process.send_signal(signal.SIGHUP)
    (line,) = told(gateway, "the reload failed")
    assert "moved or removed" in line["error"]
    assert "reloaded" not in gateway.log()
    wait_until(lambda: gateway.get("/readyz").status == 503, "not ready")
    (gateway.folder / "elsewhere").rename(gateway.state)
    directory = sample_directory()
    directory["organizations"][0]["numbers"].append({"e164": "+14155550188", "inbound_agent": "sales"})
    gateway.apply(directory)
    told(gateway, "the directory has changed")
    assert b'timeout="11"' in Twilio(gateway).voice().content


def test_a_call_that_visits_too_often_has_a_record_of_each_visit_and_of_its_end(start_gateway):
    gateway = start_gateway()
    call_id = unique()
    with DatagramCarrier(gateway) as carrier:
        answers = [carrier.ask(carrier.request(call_id=call_id, cseq=number, branch=f"z9hG4bK-{call_id}-{number}"))
                   .status for number in range(1, 12)]
        assert answers == [302] * 10 + [482]
        rows = gateway.records_of(call_id, count=11)
    assert [row.get("step", 0) for row in rows] == list(range(11))
    assert [row.get("reason") for row in rows] == [None] * 10 + ["loop"]
    listed = [row for row in gateway.calls() if row["call_id"] == call_id]
    assert sorted(row.get("step", 0) for row in listed) == list(range(11))


def test_an_invite_forked_to_two_numbers_has_two_records_and_a_merged_copy_none(start_gateway):
    gateway = start_gateway()
    call_id = unique()
    with DatagramCarrier(gateway) as one, DatagramCarrier(gateway) as other:
        for carrier, number in ((one, FRONT_DESK), (other, NOBODYS), (other, FRONT_DESK), (one, NOBODYS)):
            carrier.call(number, call_id=call_id, branch=unique("z9hG4bK"))
        gateway.settle()
    rows = gateway.records_of(call_id, count=2)
    assert {row["dialled"] for row in rows} == {FRONT_DESK, NOBODYS} and len(rows) == 2
    listed = [row for row in gateway.calls() if row["call_id"] == call_id]
    assert sorted((row["dialled"], row["outcome"]) for row in listed) == sorted(
        [(FRONT_DESK, "answered"), (NOBODYS, "refused")])


def test_a_status_callback_right_behind_its_call_is_kept_with_the_call(start_gateway):
    """Call and callback come by connections of their own, and so to any of the loops."""
    gateway = start_gateway()
    forms = [parameters(To=FRONT_DESK) for _ in range(30)]
    for form in forms:
        assert Twilio(gateway).post(VOICE, form).status == 200
        assert Twilio(gateway).post(STATUS, {**form, "CallStatus": "completed"}).status < 300
    rows = {row["call_id"]: row for row in gateway.calls()}
    assert {rows[form["CallSid"]].get("call_status") for form in forms} == {"completed"}
    with closing(sqlite3.connect(f"file:{gateway.state}/directory.sqlite?mode=ro", uri=True)) as store:
        waiting = store.execute("SELECT id FROM waiting_call_events").fetchall()
    assert len(waiting) == 2, "what settles the log is all that waits"
