#pragma once

#include "core/apps/apps.hpp"
#include "core/apps/guard/guarded_process.hpp"
#include "core/apps/guard/log_file.hpp"
#include "core/base/files.hpp"
#include "core/base/process.hpp"

#include "raw_http.hpp"
#include "tests/support/limits.hpp"

#include <doctest/doctest.h>

namespace pier::apps {

/// A workspace's rooms up to apps, in a folder of their own, and its owner.
struct AppsFixture {
  AppsFixture() {
    timings.idle_timeout = std::chrono::milliseconds(0);
    timings.stop_grace = std::chrono::seconds(2);
    timings.first_backoff = std::chrono::milliseconds(50);
    timings.last_backoff = std::chrono::milliseconds(200);
    timings.wrong_port_patience = std::chrono::seconds(1);
    database = std::move(*store::Database::open(folder.path() / "workspace.db"));
    identity = std::move(*identity::Identity::open(*database, clock, "ada@example.test"));
    permissions = std::move(*identity::Permissions::open(*database, *identity));
    catalog = std::move(*catalog::Catalog::open(*database, clock, folder.path() / "lake", folder.path() / "volumes"));
    files = std::move(*files::WorkspaceFiles::open(*database, clock, folder.path() / "files"));
    owner = *identity->owner();
  }

  void start() {
    Options options{.folder = folder.path() / "apps",
                    .state_folder = folder.path(),
                    .env = Environment::of_process(),
                    .timings = timings};
    auto opened = Apps::open(options, {.database = *database,
                                       .clock = clock,
                                       .identity = *identity,
                                       .permissions = *permissions,
                                       .files = *files,
                                       .catalog = *catalog,
                                       .providers = providers});
    REQUIRE(opened);
    apps = std::move(*opened);
    REQUIRE(apps->start({.url = "http://127.0.0.1:1", .workspace_id = 42}));
  }

  /// Puts files into the workspace folder of an app.
  void upload(const std::string& name, const std::map<std::string, std::string>& contents) {
    for (const auto& [path, text] : contents) {
      const auto full = "/Shared/" + name + "/" + path;
      REQUIRE(files->make_directories(full.substr(0, full.rfind('/'))));
      const auto written = files->write(full, text, true);
      if (!written) {
        FAIL(written.error().to_string());
      }
    }
  }

  Json create(const std::string& name, Json config = Json::object()) {
    config["name"] = name;
    auto made = apps->create(owner, config, false);
    if (!made) {
      FAIL(made.error().to_string());
    }
    return *made;
  }

  /// Deploys and waits for the end of it.
  Json deploy(const std::string& name, Json request = Json::object()) {
    request["source_code_path"] = "/Workspace/Shared/" + name;
    auto begun = apps->deploy(owner, name, request);
    if (!begun) {
      FAIL(begun.error().to_string());
    }
    return wait_for_deployment(name, begun->get_string("deployment_id"));
  }

  Json wait_for_deployment(const std::string& name, const std::string& id) {
    for (int i = 0; i < 30'000; ++i) {
      auto document = apps->deployment(owner, name, id);
      REQUIRE(document);
      if (document->find_path({"status", "state"})->as_string() != "IN_PROGRESS") {
        return *document;
      }
      ::poll(nullptr, 0, 10);
    }
    FAIL("the deployment does not end");
    return {};
  }

  Json get(const std::string& name) {
    auto document = apps->get(owner, name);
    REQUIRE(document);
    return *document;
  }

  std::string state_of(const std::string& name) {
    const auto document = get(name);
    const Json* local = document.find_path({"app_status", "local_state"});
    return local != nullptr ? local->as_string() : document.find_path({"app_status", "state"})->as_string();
  }

  bool wait_for_state(const std::string& name, const std::string& state) {
    const auto deadline = std::chrono::steady_clock::now() + test::k_hang_limit;
    while (state_of(name) != state && std::chrono::steady_clock::now() < deadline) {
      ::poll(nullptr, 0, 10);
    }
    return state_of(name) == state;
  }

  /// The answer of an app that is being restarted: asks again while it is not there (502) or still starts (503).
  std::string ask_until_served(const Json& app, const std::string& path) {
    const auto deadline = std::chrono::steady_clock::now() + test::k_hang_limit;
    auto answer = ask(app, path);
    while ((status_of(answer) == 502 || status_of(answer) == 503) && std::chrono::steady_clock::now() < deadline) {
      ::poll(nullptr, 0, 10);
      answer = ask(app, path);
    }
    return answer;
  }

  static std::uint16_t port_of(const Json& app) {
    const auto url = app.get_string("url");
    return static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
  }

  std::string token() {
    if (token_.empty()) {
      token_ = identity->issue({.principal_id = owner.principal.id})->token.reveal();
    }
    return token_;
  }

  /// One request to the app through its gateway, as a program with a token.
  std::string ask(const Json& app, const std::string& path, const std::string& fields = {}) {
    const auto port = port_of(app);
    RawClient client(port);
    client.send("GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port) + "\r\nAuthorization: Bearer " +
                token() + "\r\nConnection: close\r\n" + fields + "\r\n");
    return client.read_all();
  }

  std::string log_of(const std::string& name, const Json& deployment) {
    std::string text;
    for (const auto& record : read_last_lines(
             folder.path() / "apps" / name / "logs" / (deployment.get_string("deployment_id") + ".jsonl"), 1000)) {
      text += record.source + ": " + record.message + "\n";
    }
    return text;
  }

  static std::string status(const Json& deployment) { return deployment.find_path({"status", "state"})->as_string(); }

  static std::string message(const Json& deployment) {
    return deployment.find_path({"status", "message"})->as_string();
  }

  TempDirectory folder = std::move(*TempDirectory::create("pier-apps"));
  SystemClock clock;
  Timings timings;
  ResourceProviders providers;
  std::unique_ptr<store::Database> database;
  std::unique_ptr<identity::Identity> identity;
  std::unique_ptr<identity::Permissions> permissions;
  std::unique_ptr<catalog::Catalog> catalog;
  std::unique_ptr<files::WorkspaceFiles> files;
  identity::Caller owner;
  std::unique_ptr<Apps> apps;

 private:
  std::string token_;
};

/// A small program of the standard library that says its environment and what it was asked.
inline const char* k_python_app = R"(import http.server, json, os, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == '/api/exit':
            os._exit(3)
        body = json.dumps({'path': self.path, 'env': dict(os.environ), 'headers': dict(self.headers.items()),
                           'pid': os.getpid(), 'version': VERSION}).encode()
        self.send_response(200)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    do_HEAD = do_GET
    def log_message(self, *args):
        pass
VERSION = 1
print('hello from the app', flush=True)
http.server.ThreadingHTTPServer(('127.0.0.1', int(os.environ['DATABRICKS_APP_PORT'])), Handler).serve_forever()
)";

} // namespace pier::apps
