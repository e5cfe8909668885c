"""A real phone, baresip, dials a number and ends up at the agent that the gateway names."""

import subprocess

import pytest

from carriers import SCENARIOS, free_port
from directory import FRONT_DESK, sample_directory
from gateway import tool

# The phone needs a codec, a source and a sink of sound that no hardware stands behind, and the
# module that understands the command "dial".
PHONE = """\
poll_method epoll
sip_listen 127.0.0.1:0
audio_player aubridge,nil
audio_source aubridge,nil
audio_alert aubridge,nil
module_path {modules}
module g711.so
module aubridge.so
module_app account.so
module_app contact.so
module_app menu.so
"""


def modules_of_baresip():
    done = subprocess.run(["dpkg", "-L", "baresip-core"], capture_output=True, text=True, timeout=30)
    found = [line for line in done.stdout.splitlines() if line.endswith("/menu.so")]
    assert found, "baresip has no module menu.so"
    return found[0].rsplit("/", 1)[0]


@pytest.mark.parametrize("template", [None, {"tier": "gold & more"}], ids=["plain", "with metadata"])
def test_baresip_follows_the_redirect_and_talks_to_the_agent(start_gateway, tmp_path, template):
    port = free_port("127.0.0.1")
    directory = sample_directory([
        {"uri": f"sip:agent@127.0.0.1:{port}", "priority": 1},
        {"uri": "sip:overflow@127.0.0.1:9", "priority": 2},
    ])
    directory["organizations"][0]["numbers"][0]["dispatch_template"] = template or {}
    gateway = start_gateway(directory=directory)
    phone = tmp_path / "phone"
    phone.mkdir()
    (phone / "config").write_text(PHONE.format(modules=modules_of_baresip()))
    (phone / "accounts").write_text("<sip:ann@127.0.0.1>;regint=0;audio_codecs=PCMU/8000/1\n")
    (phone / "contacts").write_text("")
    agent = subprocess.Popen(
        [tool("sipp"), "-sf", str(SCENARIOS / "agent.xml"), "-i", "127.0.0.1", "-bind_local",
         "-ci", "127.0.0.1", "-p", str(port), "-m", "1", "-nostdin", "-timeout", "20s",
         "-timeout_error"],
        cwd=tmp_path, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL)
    try:
        host, gateway_port = gateway.udp
        done = subprocess.run(
            [tool("baresip"), "-4", "-f", str(phone), "-s", "-t", "4", "-e",
             f"/dial sip:{FRONT_DESK}@{host}:{gateway_port}"],
            cwd=tmp_path, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30)
        output = done.stdout + done.stderr
        assert agent.wait(15) == 0, output[-6000:]
    finally:
        if agent.poll() is None:
            agent.kill()
            agent.wait(5)
    assert "302 Moved Temporarily" in output
    assert f"INVITE sip:agent@127.0.0.1:{port}" in output
    carried = ";x-trunkline-metadata=%7B%22tier%22%3A%22gold%20%26%20more%22%7D"
    assert (carried in output) == (template is not None)
    assert gateway.metric("calls_answered_total") == 1
