"""Calls whose workflow asks a host that hangs or answers wrongly."""

import json
import re
import socket
import threading

import pytest

from carriers import sipp
from crm import CRM
from directory import CARRIER, OTHER_ORGANIZATION
from gateway import PATIENCE, wait_until
from sip import DatagramCarrier, StreamCarrier, acknowledgement
from webhook import Twilio, new_call_sid, parameters
from workflows import TEN_STEPS, agent_of, asking, carrier_asks, directory, final, serving


# A host that hangs


@pytest.mark.parametrize("transport", ["u1", "t1"])
def test_sipp_calls_end_well_while_the_crm_hangs(start_gateway, tmp_path, transport):
    with CRM("hang") as crm:
        breaker = {"circuit_breaker": {"failures": 1_000, "pause": "10s"}}
        gateway = serving(start_gateway, asking(crm.address, 800), crm,
                          {"workflow": breaker})
        waiting = []

        def call():
            waiting.append(sipp("redirected-after-trying", gateway, tmp_path, 300, rate=300,
                                transport=transport))

        thread = threading.Thread(target=call)
        thread.start()
        other = tmp_path / "other"
        other.mkdir()
        unhindered = sipp("redirected-or-later", gateway, other, 1_000, rate=500,
                          transport=transport, number=OTHER_ORGANIZATION)
        thread.join()
        outcome = waiting[0]
        assert (outcome.successful, outcome.failed, outcome.unexpected) == (300, 0, 0), outcome.text
        assert (unhindered.successful, unhindered.failed) == (1_000, 0), unhindered.text
        assert crm.asked == 300
        gateway.settle()
        rows = [row for row in gateway.records() if row["organization"] == "acme"]
        assert len(rows) == 300
        assert {row["agent"] for row in rows} == {"stable"}
        assert min(row["micros"] for row in rows) >= 790_000
        others = [row for row in gateway.records() if row["organization"] == "globex"]
        assert len(others) == 1_000


def test_a_thousand_calls_wait_and_another_organization_is_not_hindered(start_gateway):
    with CRM("hang") as crm:
        # As long as a workflow may wait at most.
        gateway = serving(start_gateway, asking(crm.address, 10_000), crm, timeout_ms=10_000)
        with DatagramCarrier(gateway) as waiting, DatagramCarrier(gateway) as carrier:
            for _ in range(20):
                for _ in range(50):
                    waiting.send(waiting.request())
                assert [waiting.receive().status for _ in range(50)] == [100] * 50
            wait_until(lambda: gateway.metric("workflow_runs_waiting") == 1_000,
                       what="1,000 waiting runs")
            for _ in range(200):
                assert carrier.call(OTHER_ORGANIZATION).status == 302
            # The one beyond the bound does not wait: its step fails, and leads to the stable agent.
            assert agent_of(final(carrier_asks(carrier))) == "stable"
            crm.released.set()
            # Nobody acknowledges, so that answers come more than once.
            answered = set()
            while len(answered) < 1_000:
                answer = final(waiting)
                assert agent_of(answer) == "vip"
                answered.add(answer["call-id"])
        assert crm.asked == 1_000


def test_a_call_that_may_not_wait_and_has_no_fallback_is_refused_by_name(start_gateway):
    with CRM("hang") as crm:
        gateway = serving(start_gateway, asking(crm.address, on_error=None), crm,
                          {"workflow": {"waiting_calls_per_organization": 2}}, fallback=None)
        with DatagramCarrier(gateway) as carrier:
            for _ in range(2):
                assert carrier.ask(carrier.request()).status == 100
            refused = carrier.ask(carrier.request())
            assert refused.status == 503
            assert "too_many_waiting" in refused["reason"]
            assert refused.get("retry-after") is None


def test_a_caller_who_hangs_up_while_the_crm_hangs_gets_487(start_gateway):
    with CRM("hang") as crm:
        gateway = serving(start_gateway, asking(crm.address, 5_000), crm)
        for carrier_kind in (DatagramCarrier, StreamCarrier):
            with carrier_kind(gateway) as carrier:
                invite = carrier.request()
                assert carrier.ask(invite).status == 100
                branch = re.search(rb"branch=([^;]+)", invite).group(1).decode()
                call_id = re.search(rb"Call-ID: (\S+)", invite).group(1).decode()
                cancel = carrier.request("CANCEL", branch=branch, call_id=call_id)
                carrier.send(cancel)
                answers = {carrier.receive()["cseq"]: None for _ in range(2)}
                assert set(answers) == {"1 CANCEL", "1 INVITE"}
                row, = gateway.records_of(call_id)
                assert (row["reason"], row["status"]) == ("cancelled", 487)


def test_an_answer_whose_connection_is_gone_takes_one_to_the_port_of_the_via(start_gateway):
    with CRM("hang") as crm, socket.create_server((CARRIER, 0)) as listener:
        gateway = serving(start_gateway, asking(crm.address, 5_000), crm)
        port = listener.getsockname()[1]
        with StreamCarrier(gateway) as carrier:
            invite = carrier.request().replace(b":%d;branch" % carrier.port, b":%d;branch" % port)
            assert carrier.ask(invite).status == 100
        wait_until(lambda: gateway.metric("sip_connections") == 0, what="the connection is gone")
        crm.released.set()
        listener.settimeout(PATIENCE)
        connection, _ = listener.accept()
        with connection:
            connection.settimeout(PATIENCE)
            assert connection.recv(65_536).startswith(b"SIP/2.0 302 ")
            # It is a connection like any other.
            connection.sendall(carrier.request("OPTIONS"))
            assert connection.recv(65_536).startswith(b"SIP/2.0 200 ")


def test_an_answer_whose_connection_is_gone_for_good_is_counted(start_gateway):
    with CRM("hang") as crm:
        gateway = serving(start_gateway, asking(crm.address, 5_000), crm)
        with StreamCarrier(gateway) as carrier:
            # Nobody listens at the port of its Via.
            assert carrier.ask(carrier.request()).status == 100
        wait_until(lambda: gateway.metric("sip_connections") == 0, what="the connection is gone")
        crm.released.set()
        wait_until(lambda: gateway.metric("sip_answers_unsent_total") == 1, what="the answer's end")


def test_a_webhook_waits_for_the_crm_and_a_repeated_one_gets_the_same_answer(start_gateway):
    with CRM("hang") as crm:
        gateway = serving(start_gateway, asking(crm.address, 5_000), crm)
        sid = new_call_sid()
        answers = []

        def ask():
            answers.append(Twilio(gateway).voice(CallSid=sid))

        threads = [threading.Thread(target=ask) for _ in range(3)]
        for thread in threads:
            thread.start()
        wait_until(lambda: gateway.metric("webhooks_total") == 3, what="three webhooks")
        assert not answers
        crm.released.set()
        for thread in threads:
            thread.join()
        assert [agent_of(answer) for answer in answers] == ["vip"] * 3
        crm.agent = "sales"
        assert agent_of(Twilio(gateway).voice(CallSid=sid)) == "vip"
        assert crm.asked == 1
        assert len(gateway.records_of(sid)) == 1


def test_a_peer_that_goes_away_while_its_webhook_waits_costs_nothing(start_gateway):
    with CRM("hang") as crm:
        gateway = serving(start_gateway, asking(crm.address, 5_000), crm)
        twilio = Twilio(gateway)
        before = gateway.descriptors()
        form = parameters()
        threading.Thread(
            target=lambda: pytest.raises(Exception, twilio.post, "/telephony/inbound/twilio", form),
            daemon=True,
        ).start()
        wait_until(lambda: crm.asked == 1, what="the question to the CRM")
        twilio.connection.sock.shutdown(2)
        cpu = gateway.cpu_seconds()
        crm_waits = threading.Event()
        crm_waits.wait(1.0)
        assert gateway.cpu_seconds() - cpu < 0.3, "the daemon spins on a closed connection"
        crm.released.set()
        wait_until(lambda: gateway.descriptors() <= before + 2, what="the descriptors' return")
        assert gateway.is_alive


def test_a_drain_waits_for_the_calls_that_wait(start_gateway):
    with CRM("hang") as crm:
        gateway = serving(start_gateway, asking(crm.address, 3_000), crm)
        with DatagramCarrier(gateway) as carrier:
            invite = carrier.request()
            assert carrier.ask(invite).status == 100
            gateway.process.terminate()
            wait_until(lambda: "draining" in gateway.log(), what="the drain")
            crm.released.set()
            answer = final(carrier)
            assert agent_of(answer) == "vip"
            carrier.send(acknowledgement(invite, answer))
        assert gateway.process.wait(10) == 0


# A host that answers wrongly


@pytest.mark.parametrize("mood", ["fail", "babble", "break_off", "flood", "redirect", "reset"])
def test_a_host_that_answers_wrongly_leads_to_on_error(start_gateway, mood):
    with CRM(mood) as crm:
        gateway = serving(start_gateway, asking(crm.address), crm)
        with DatagramCarrier(gateway) as carrier:
            assert agent_of(final(carrier_asks(carrier))) == "stable"
        assert agent_of(Twilio(gateway).voice()) == "stable"
        assert gateway.is_alive


def test_an_agent_that_does_not_exist_leads_to_the_fallback_agent(start_gateway):
    with CRM("lie") as crm:
        gateway = serving(start_gateway, asking(crm.address), crm)
        with DatagramCarrier(gateway) as carrier:
            assert agent_of(final(carrier_asks(carrier))) == "night"


def test_a_host_that_is_not_listed_is_refused_when_the_definition_is_saved(start_gateway):
    with CRM() as crm:
        gateway = serving(start_gateway, TEN_STEPS)
        file = gateway.folder / "asking.json5"
        file.write_text(json.dumps(directory(asking(crm.address))))
        done = gateway.command("apply", "-f", str(file), check=False)
        file.unlink()
        assert done.returncode != 0
        assert crm.address in done.stdout + done.stderr
        with DatagramCarrier(gateway) as carrier:
            assert carrier.call().status == 302
        assert crm.asked == 0


def test_a_host_that_keeps_failing_is_left_alone_and_then_tried_again(start_gateway):
    with CRM("fail") as crm:
        breaker = {"circuit_breaker": {"failures": 3, "pause": "1s"}}
        gateway = serving(start_gateway, asking(crm.address), crm, {"workflow": breaker})
        with DatagramCarrier(gateway) as carrier:
            for _ in range(10):
                assert agent_of(final(carrier_asks(carrier))) == "stable"
            assert crm.asked == 3
            assert gateway.metric("workflow_requests_refused_total") == 7
            told = gateway.get("/metrics").content.decode()
            for metric, value in (("state", 2), ("left_alone_total", 1),
                                  ("requests_refused_total", 7)):
                assert f'trunkline_workflow_host_{metric}{{host="http://{crm.address}"}} {value}\n' in told
            crm.mood = "answer"

            def recovered():
                return agent_of(final(carrier_asks(carrier))) == "vip"

            wait_until(recovered, "the host's recovery")
