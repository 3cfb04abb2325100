#include "apps_fixture.hpp"

#include "core/base/text.hpp"

using namespace std::chrono_literals;

namespace pier::apps {
namespace {

TEST_CASE_FIXTURE(AppsFixture, "builds: npm installs, builds and starts; the second build reuses node_modules") {
  start();
  const auto app = create("web");
  upload("web",
         {{"package.json", R"({"name":"web","private":true,"scripts":{"build":"node build.js","start":"node server.js"},
                     "dependencies":{"left-pad":"1.3.0"}})"},
          {"build.js", "require('fs').writeFileSync('built.txt', require('left-pad')(process.env.GREETING, 6))"},
          {"app.yaml", "env: [{name: GREETING, value: hi}]\n"},
          {"server.js", "const t = require('fs').readFileSync('built.txt', 'utf8');"
                        "require('http').createServer((q, s) => s.end(t)).listen(process.env.DATABRICKS_APP_PORT)"}});
  const auto first = deploy("web");
  INFO(log_of("web", first));
  REQUIRE(status(first) == "SUCCEEDED");
  CHECK(body_of(ask(app, "/api/x")).find("    hi") != std::string::npos);
  const auto second = deploy("web");
  REQUIRE(status(second) == "SUCCEEDED");
  CHECK(log_of("web", first).find("$ npm install") != std::string::npos);
  CHECK(log_of("web", second).find("$ npm install") == std::string::npos);
  CHECK(log_of("web", second).find("as before") != std::string::npos);
}

TEST_CASE_FIXTURE(AppsFixture, "builds: FastAPI by pip, the environment is made once") {
  start();
  const auto app = create("api");
  upload("api",
         {{"requirements.txt", "fastapi==0.115.0\nuvicorn==0.30.6\n"},
          {"app.yaml", "command: [uvicorn, 'main:app', --port, $DATABRICKS_APP_PORT]\n"},
          {"main.py", "from fastapi import FastAPI, Request\napp = FastAPI()\n@app.get('/api/who')\n"
                      "def who(request: Request): return {'email': request.headers.get('x-forwarded-email')}\n"}});
  const auto first = deploy("api");
  INFO(log_of("api", first));
  REQUIRE(status(first) == "SUCCEEDED");
  CHECK(body_of(ask(app, "/api/who")) == R"({"email":"ada@example.test"})");
  const auto second = deploy("api");
  REQUIRE(status(second) == "SUCCEEDED");
  CHECK(log_of("api", second).find("-m pip") == std::string::npos);
}

TEST_CASE_FIXTURE(AppsFixture, "builds: Streamlit comes with the platform and its WebSocket knows the visitor") {
  start();
  const auto app = create("board");
  upload("board", {{"app.yaml", "command: [streamlit, run, app.py]\n"},
                   {"app.py", "import streamlit as st\nst.title('board')\n"
                              "print('email', st.context.headers.get('X-Forwarded-Email'), flush=True)\n"}});
  const auto deployment = deploy("board");
  INFO(log_of("board", deployment));
  REQUIRE(status(deployment) == "SUCCEEDED");
  const auto link = *apps->sign_in_link(owner, "board", "");
  const auto port = port_of(app);
  const auto host = "\r\nHost: 127.0.0.1:" + std::to_string(port) + "\r\n";
  RawClient client(port);
  client.send("GET " + link.substr(link.find("/.pier")) + " HTTP/1.1" + host + "\r\n");
  const auto answer = client.read_response();
  const auto at = answer.find("Set-Cookie: ") + 12;
  const auto cookie = "Cookie: " + answer.substr(at, answer.find(';', at) - at) + "\r\n";
  client.send("GET / HTTP/1.1" + host + cookie + "\r\n");
  CHECK(client.read_response().find("<title>Streamlit</title>") != std::string::npos);
  client.send(
      "GET /_stcore/stream HTTP/1.1" + host + cookie +
      "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: streamlit\r\nOrigin: http://127.0.0.1:" +
      std::to_string(port) + "\r\n\r\n");
  REQUIRE(client.read_until("\r\n\r\n"));
  CHECK(status_of(client.received) == 101);
  // BackMsg{rerun_script{}}: the session runs the script, which prints whom it sees.
  client.send(std::string("\x82\x82\0\0\0\0\x5a\0", 8));
  for (int i = 0; i < 1000 && log_of("board", deployment).find("email") == std::string::npos; ++i) {
    client.read_some(10ms);
  }
  CHECK(log_of("board", deployment).find("email ada@example.test") != std::string::npos);
}

TEST_CASE_FIXTURE(AppsFixture, "builds: a package that does not exist fails the deployment with pip's words") {
  start();
  create("bad");
  upload("bad", {{"requirements.txt", "./no-such-folder\n"}, {"app.py", "print(1)\n"}});
  const auto deployment = deploy("bad");
  CHECK(status(deployment) == "FAILED");
  CHECK(message(deployment).find("pip") != std::string::npos);
  CHECK(state_of("bad") == "CRASHED");
  CHECK(ask(get("bad"), "/api/x").find("APP_BUILD_FAILED") != std::string::npos);
}

} // namespace
} // namespace pier::apps
