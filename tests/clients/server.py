#!/usr/bin/env python3
"""A server on the loopback device that takes the model's place in a session of Codex.

    server.py --port-file FILE [--log FILE] COMMAND...
        tells Codex to run each COMMAND, one after the other, and then to stop
    server.py --port-file FILE --files DIR
        serves the files of DIR instead

The port is the kernel's choice and is written to FILE once the server listens. Each request of
Codex is written to the log, one JSON object per line.
"""

import argparse
import functools
import http.server
import json
import os
import sys


def shell_call(tools, number, command):
    """The item that asks for COMMAND, in the terms of whichever shell tool Codex offers."""
    names = [tool.get("name") for tool in tools]
    if "exec_command" in names:
        name, arguments = "exec_command", {"cmd": command}
    elif "shell_command" in names:
        name, arguments = "shell_command", {"command": command}
    else:
        name, arguments = "shell", {"command": ["/bin/sh", "-c", command]}
    return {
        "type": "function_call",
        "id": f"fc_{number}",
        "call_id": f"call_{number}",
        "name": name,
        "arguments": json.dumps(arguments),
    }


def last_words():
    return {
        "type": "message",
        "id": "msg_end",
        "role": "assistant",
        "content": [{"type": "output_text", "text": "all commands are done"}],
    }


class Model(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format, *args):
        pass

    def answer(self, status, kind, body):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.path.split("?")[0].endswith("/models"):
            self.answer(200, "application/json", b'{"models":[]}')
        else:
            self.answer(426, "text/plain", b"plain requests only\n")

    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.server.log:
            with open(self.server.log, "a", encoding="utf-8") as log:
                log.write(json.dumps(request) + "\n")
        done = sum(item.get("type") == "function_call_output" for item in request["input"])
        if done < len(self.server.commands):
            item = shell_call(request.get("tools", []), done, self.server.commands[done])
        else:
            item = last_words()
        usage = {"input_tokens": 1, "output_tokens": 1, "total_tokens": 2}
        response = {"id": f"resp_{done}"}
        events = [
            {"type": "response.created", "response": response},
            {"type": "response.output_item.done", "output_index": 0, "item": item},
            {"type": "response.completed", "response": {**response, "usage": usage}},
        ]
        body = "".join(f"event: {e['type']}\ndata: {json.dumps(e)}\n\n" for e in events)
        self.answer(200, "text/event-stream", body.encode())


class Files(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format, *args):
        pass


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port-file", required=True)
    parser.add_argument("--files")
    parser.add_argument("--log")
    parser.add_argument("commands", nargs="*")
    args = parser.parse_args()
    handler = functools.partial(Files, directory=args.files) if args.files else Model
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.commands, server.log = args.commands, args.log
    with open(args.port_file + ".new", "w", encoding="ascii") as port:
        port.write(str(server.server_port))
    os.rename(args.port_file + ".new", args.port_file)
    server.serve_forever()


if __name__ == "__main__":
    sys.exit(main())
