"""HTTP by hand: requests as prepared bytes over one kept socket, so that the client costs next to nothing."""
import json
import socket
import urllib.parse

from common import wait_for


def request_bytes(method, path, token="", body=b"", content_type="", host="127.0.0.1"):
    head = f"{method} {path} HTTP/1.1\r\nHost: {host}\r\n"
    if token:
        head += f"Authorization: Bearer {token}\r\n"
    if content_type:
        head += f"Content-Type: {content_type}\r\n"
    if body or method not in ("GET", "DELETE"):
        head += f"Content-Length: {len(body)}\r\n"
    return head.encode() + b"\r\n" + body


class Wire:
    """One kept connection."""

    def __init__(self, port, host="127.0.0.1"):
        self.socket = socket.create_connection((host, port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = bytearray(1024 * 1024)

    @classmethod
    def once_open(cls, port, pause=0.0002):
        """The connection as soon as somebody listens."""
        def attempt():
            try:
                return cls(port)
            except OSError:
                return None

        return wait_for(f"somebody listens on port {port}", attempt, limit=10, pause=pause)

    def exchange(self, request):
        """Sends prepared bytes; (status, body)."""
        self.socket.sendall(request)
        received = b""
        while b"\r\n\r\n" not in received:
            received += self.receive()
        head, _, body = received.partition(b"\r\n\r\n")
        length = content_length(head)
        parts, have = [body], len(body)
        while have < length:
            parts.append(self.receive())
            have += len(parts[-1])
        return int(head[9:12]), b"".join(parts)

    def drain(self, request):
        """Like exchange for large answers, which are counted and not kept."""
        self.socket.sendall(request)
        received = b""
        while b"\r\n\r\n" not in received:
            received += self.receive()
        head, _, body = received.partition(b"\r\n\r\n")
        length, have = content_length(head), len(body)
        while have < length:
            count = self.socket.recv_into(self.buffer)
            if count == 0:
                raise RuntimeError("the server closed the connection")
            have += count
        return int(head[9:12]), have

    def receive(self):
        data = self.socket.recv(256 * 1024)
        if not data:
            raise RuntimeError("the server closed the connection")
        return data

    def close(self):
        self.socket.close()


def content_length(head):
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            return int(line[15:])
    raise RuntimeError(f"no Content-Length: {head!r}")


class Client:
    """The workspace's REST API as its owner."""

    def __init__(self, bench):
        self.token = bench.run("local", "token").strip()
        status = bench.json("local", "status")
        self.pid = status["pid"]
        self.port = urllib.parse.urlsplit(status["url"]).port
        self.wire = Wire(self.port)

    def bytes(self, method, path, body=None):
        """A request to be sent many times."""
        if isinstance(body, dict):
            return request_bytes(method, path, self.token, json.dumps(body).encode(), "application/json")
        return request_bytes(method, path, self.token, body or b"")

    def send(self, prepared):
        status, body = self.wire.exchange(prepared)
        if status >= 300:
            raise RuntimeError(f"{prepared[:200]!r}: {status} {body[:400]!r}")
        return body

    def call(self, method, path, body=None):
        answer = self.send(self.bytes(method, path, body))
        return json.loads(answer) if answer else {}

    def statement_body(self, sql):
        if not hasattr(self, "warehouse"):
            self.warehouse = self.call("GET", "/api/2.0/sql/warehouses")["warehouses"][0]["id"]
        return {"statement": sql, "warehouse_id": self.warehouse, "wait_timeout": "50s"}

    def statement(self, sql):
        answer = self.call("POST", "/api/2.0/sql/statements", self.statement_body(sql))
        while answer["status"]["state"] in ("PENDING", "RUNNING"):
            answer = self.call("GET", "/api/2.0/sql/statements/" + answer["statement_id"])
        if answer["status"]["state"] != "SUCCEEDED":
            raise RuntimeError(f"{sql}: {answer['status']}")
        return answer
