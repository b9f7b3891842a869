"""A Jupyter kernel (python3-ipykernel) is started, asked to compute by its client, interrupted, and ended."""
import zmq
from jupyter_client.manager import start_new_kernel

LIMIT_SECONDS = 60

manager, client = start_new_kernel(startup_timeout=LIMIT_SECONDS, kernel_name="python3")
try:
    printed = []
    reply = client.execute_interactive(
        "print(6 * 7)", timeout=LIMIT_SECONDS,
        output_hook=lambda said: printed.append(said["content"].get("text", "")))
    assert reply["content"]["status"] == "ok", reply
    assert "".join(printed) == "42\n", printed

    client.execute("import zmq; zmq.zmq_version()", store_history=False)
    told = client.get_iopub_msg(timeout=LIMIT_SECONDS)
    while told["msg_type"] != "execute_result":
        told = client.get_iopub_msg(timeout=LIMIT_SECONDS)
    version_there = told["content"]["data"]["text/plain"].strip("'")
    assert version_there == zmq.zmq_version(), version_there
    assert client.is_complete("1 +") and client.get_shell_msg(timeout=LIMIT_SECONDS)
    assert client.is_alive()  # the heartbeat
finally:
    client.stop_channels()
    manager.shutdown_kernel()
print(zmq.zmq_version())
