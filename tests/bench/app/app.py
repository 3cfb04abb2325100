"""The least that an app can be: threads over raw sockets, so that what stands in front of it shows."""
import os
import socket
import threading

SMALL = b'{"flight_id": "HA51-JFK-2013-01-09", "decision": "approved", "amount": 250, "revision": 1}'
BIG = bytes(64 * 1024 * 1024)


def answer(client, body):
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    client.sendall(head + body if len(body) < 65536 else head)
    if len(body) >= 65536:
        client.sendall(body)


def serve(client):
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    room = bytearray(1024 * 1024)
    received = b""
    while True:
        while b"\r\n\r\n" not in received:
            data = client.recv(65536)
            if not data:
                return
            received += data
        head, _, received = received.partition(b"\r\n\r\n")
        at = head.lower().find(b"content-length:")
        left = int(head[at + 15:].split(b"\r\n")[0]) - len(received) if at >= 0 else 0
        if at >= 0:
            received = b""
        while left > 0:
            left -= client.recv_into(room)
        answer(client, BIG if b" /api/big" in head else SMALL)


def main():
    server = socket.create_server(("127.0.0.1", int(os.environ["DATABRICKS_APP_PORT"])), backlog=128)
    while True:
        client, _ = server.accept()
        threading.Thread(target=serve, args=(client,), daemon=True).start()


main()
