#include "cli/app_target.hpp"
#include "cli/command.hpp"
#include "cli/console.hpp"
#include "core/base/text.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace pier::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr auto k_first_line = milliseconds(2000); ///< how long the stream may take to begin
constexpr auto k_quiet = milliseconds(300);       ///< then what was kept has all come
constexpr std::int64_t k_default_tail = 200;

/// Lines of the stream as they come, until enough of them were seen.
class Receiver {
 public:
  Receiver(const Arguments& arguments, std::int64_t tail, Console& console)
      : follow_(arguments.has("follow")),
        source_(arguments.get("source")),
        json_(arguments.get("output") == "json"),
        tail_(static_cast<std::size_t>(tail)),
        console_(console) {}

  void take(std::string_view text) {
    const auto record = Json::parse(text, 8);
    if (!record || !record->is_object() || (!source_.empty() && record->get_string("source") != source_)) {
      return;
    }
    const std::lock_guard lock(mutex_);
    last_ = steady_clock::now();
    began_ = true;
    changed_.notify_all();
    kept_.push_back(*record);
    if (live_) {
      print_kept();
    } else if (kept_.size() > tail_) {
      kept_.pop_front();
    }
  }

  /// Waits until what was kept has come. From then on, following, lines are printed at once.
  void wait_for_backlog(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    const auto start = steady_clock::now();
    while (!stop.stop_requested()) {
      const auto end = began_ ? last_ + k_quiet : start + k_first_line;
      if (steady_clock::now() >= end) {
        break;
      }
      changed_.wait_until(lock, stop, end, [&, seen = last_] { return last_ != seen; });
    }
    if (follow_) {
      live_ = true;
      print_kept();
    }
  }

  [[nodiscard]] std::vector<Json> take_kept() {
    const std::lock_guard lock(mutex_);
    return {kept_.begin(), kept_.end()};
  }

  [[nodiscard]] std::string line_of(const Json& record) const {
    if (json_) {
      return record.dump() + "\n";
    }
    const auto style = console_.out_style();
    const Json* seconds = record.find("timestamp");
    const auto millis =
        seconds != nullptr && seconds->is_number() ? static_cast<std::int64_t>(seconds->as_double() * 1000.0) : 0;
    const auto source = record.get_string("source");
    return style.dim(to_rfc3339(from_epoch_millis(millis))) + " " +
           (source == "SYSTEM" ? style.cyan("[" + source + "]") : "[" + source + "]") + " " +
           record.get_string("message") + "\n";
  }

 private:
  void print_kept() {
    for (const auto& record : kept_) {
      console_.out(line_of(record));
    }
    kept_.clear();
  }

  const bool follow_;
  const std::string source_;
  const bool json_;
  const std::size_t tail_;
  Console& console_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<Json> kept_;
  steady_clock::time_point last_;
  bool began_ = false;
  bool live_ = false;
};

Result<std::int64_t> tail_of(const Arguments& arguments) {
  std::int64_t tail = k_default_tail;
  if (arguments.has("tail") && (!parse_int64(arguments.get("tail"), tail) || tail < 0)) {
    return Error{.kind = ErrorKind::usage,
                 .code = "PIER0001",
                 .message = "'" + arguments.get("tail") + "' is no number of lines",
                 .hint = "write --tail 100"};
  }
  return tail;
}

Result<Report> show_logs(const Arguments& arguments, Context& context) {
  PIER_TRY_ASSIGN(const auto tail, tail_of(arguments));
  Report report;
  PIER_TRY_ASSIGN(const auto app, find_app(arguments, context, report));
  if (!app) {
    return report;
  }
  PIER_TRY_ASSIGN(const auto token, app->client().bearer_token());
  const http::Headers headers = {{"Authorization", "Bearer " + token}, {"Origin", app->url}};
  Receiver receiver(arguments, tail, context.console);
  std::stop_source enough;
  const std::stop_callback on_stop(context.stop, [&] { enough.request_stop(); });
  std::jthread watch([&](const std::stop_token& stop) {
    receiver.wait_for_backlog(stop);
    if (!arguments.has("follow")) {
      enough.request_stop();
    }
  });
  auto ended = http::run_websocket(
      app->url + "/logz/stream", headers, arguments.get("search"), [&](std::string_view text) { receiver.take(text); },
      enough.get_token());
  watch.request_stop();
  watch.join();
  if (!ended && ended.error().kind != ErrorKind::interrupted) {
    return std::move(ended).error().with_context("logs of " + app->name);
  }
  if (context.stop.stop_requested()) {
    report.exit_code = ExitCode::interrupted;
  }
  Json::Array records;
  for (auto& record : receiver.take_kept()) {
    report.text += receiver.line_of(record);
    records.push_back(std::move(record));
  }
  if (!arguments.has("follow")) {
    report.json = Json(std::move(records));
  }
  return report;
}

} // namespace

CommandSpec logs_command() {
  return {.name = "logs",
          .summary = "Show what an app prints",
          .description = "The last lines of an app: APP is its own output, SYSTEM its build and its life. With\n"
                         "--follow, further lines as they come, until Ctrl-C.",
          .options = {{.name = "follow", .short_name = 'f', .help = "go on with new lines"},
                      {.name = "tail", .value = "N", .help = "how many of the last lines", .default_value = "200"},
                      {.name = "search", .value = "TEXT", .help = "only lines that hold this text"},
                      {.name = "source", .value = "SOURCE", .help = "only these lines", .choices = {"APP", "SYSTEM"}}},
          .positionals = {{.name = "APP", .help = "name of an app, or its key in the bundle"}},
          .examples = {"pier logs shop", "pier logs shop -f --source APP", "pier logs shop --search error"},
          .run = show_logs};
}

} // namespace pier::cli
