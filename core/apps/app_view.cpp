#include "core/apps/app_runtime.hpp"

#include "core/apps/guard/log_file.hpp"
#include "core/base/log.hpp"

namespace fs = std::filesystem;

// What others see of a running app: route, state, log, pages.
namespace pier::apps {
namespace {

constexpr std::uint64_t k_log_limit = 10ULL * 1024 * 1024;
constexpr std::size_t k_lines_on_page = 20;

} // namespace

void AppRuntime::set_phase(Phase phase, std::string message, std::string code) {
  {
    auto view = view_.lock();
    view->phase = phase;
    view->message = std::move(message);
    view->code = std::move(code);
  }
  if (phase != Phase::running) {
    shared_.gateway->set_route(name_, {.phase = phase});
  }
}

void AppRuntime::set_state(AppState state, const std::string& message) {
  [[maybe_unused]] const auto kept = shared_.registry.change(name_, [&](AppRecord& app) {
    app.state = state;
    app.message = message;
  });
}

void AppRuntime::log_system(const std::string& deployment_id, std::string_view line) {
  if (auto log = LogFile::open(shared_.log_of(name_, deployment_id), k_log_limit)) {
    log->append("SYSTEM", line, shared_.rooms.clock.now());
  }
  log::info("apps", "app=" + name_ + " deployment=" + deployment_id + " " + std::string(line));
}

fs::path AppRuntime::log_file() {
  return view_.lock()->log;
}

GatewayPage AppRuntime::describe() {
  View view = *view_.lock();
  GatewayPage page{.status = 503, .message = view.message};
  switch (view.phase) {
  case Phase::not_deployed:
    page.code = "APP_NOT_DEPLOYED";
    page.title = name_ + " has not been deployed yet";
    page.message = "The app exists, but no source was deployed to it.";
    page.command = "pier deploy";
    return page;
  case Phase::building:
    page.code = "APP_BUILDING";
    page.title = name_ + " is being built";
    page.message = "This page looks again by itself.";
    page.refresh_seconds = 2;
    break;
  case Phase::starting:
    page.code = "APP_STARTING";
    page.title = name_ + " is starting";
    page.refresh_seconds = 1;
    break;
  case Phase::asleep:
  case Phase::running:
    page.status = 502;
    page.code = "APP_NOT_ANSWERING";
    page.title = name_ + " does not answer";
    page.message = "The app closed the connection without an answer.";
    break;
  case Phase::crashed:
    page.status = 502;
    page.code = view.code;
    page.title = view.code == "APP_BUILD_FAILED" ? name_ + " could not be built"
                 : view.code == "APP_WRONG_PORT" ? name_ + " listens on the wrong port"
                                                 : name_ + " has crashed";
    page.command = "pier logs " + name_;
    break;
  case Phase::stopped:
  case Phase::deleting:
    page.code = view.phase == Phase::stopped ? "APP_STOPPED" : "APP_DELETED";
    page.title = name_ + (view.phase == Phase::stopped ? " is stopped" : " is being deleted");
    page.message = view.phase == Phase::stopped ? "A stopped app is not woken by requests." : "";
    page.command = view.phase == Phase::stopped ? "pier run " + name_ : "";
    return page;
  }
  for (const auto& record : read_last_lines(view.log, k_lines_on_page)) {
    page.lines.push_back(record.message);
  }
  return page;
}

} // namespace pier::apps
