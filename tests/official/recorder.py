"""Stands between the programs and the workspace and keeps the requests that change something."""

import http.client
import http.server
import json
import re
import threading
import urllib.parse

LEFT_OUT = ("connection", "content-length", "transfer-encoding", "date", "server")


class Recorder:
    def __init__(self, url):
        recorder = self
        upstream = urllib.parse.urlsplit(url)
        connect = http.client.HTTPSConnection if upstream.scheme == "https" else http.client.HTTPConnection
        self.lock = threading.Lock()
        self.requests = []

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def hand_on(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                recorder.note(self.command, self.path, body)
                headers = {name: value for name, value in self.headers.items()
                           if name.lower() not in ("connection", "host", "accept-encoding")}
                connection = connect(upstream.netloc)
                connection.request(self.command, self.path, body, {**headers, "Host": upstream.netloc})
                answer = connection.getresponse()
                content = answer.read()
                connection.close()
                self.send_response(answer.status)
                for name, value in answer.getheaders():
                    if name.lower() not in LEFT_OUT:
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(content)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = hand_on

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def note(self, method, path, body):
        if method in ("GET", "HEAD"):
            return
        path = urllib.parse.unquote(path).rstrip("?")
        # The official CLI names the fields of some updates in any order.
        path = re.sub(r"(?<=update_mask=)[^&]+", lambda mask: ",".join(sorted(mask[0].split(","))), path)
        text = "" if "import-file" in path else body.decode("utf-8", "replace")
        try:
            text = json.dumps(json.loads(text), sort_keys=True)
        except ValueError:
            pass
        with self.lock:
            self.requests.append(f"{method} {path} {text}".rstrip())

    def taken(self):
        """The requests since the last call, sorted: many are sent side by side."""
        with self.lock:
            requests, self.requests = self.requests, []
        return sorted(requests)

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
