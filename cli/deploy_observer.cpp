#include "cli/deploy_observer.hpp"

#include "core/base/clock.hpp"
#include "core/base/guarded.hpp"
#include "core/base/text.hpp"

#include <map>

namespace pier::cli {
namespace {

using deploy::Event;

class ConsoleObserver final : public deploy::Observer {
 public:
  explicit ConsoleObserver(Console& console)
      : console_(console),
        style_(console.status_style()) {}

  void on_event(const Event& event) override {
    auto running = running_.lock();
    switch (event.type) {
    case Event::Type::phase:
      progress_.clear();
      console_.status(style_.dim("· ") + event.text);
      break;
    case Event::Type::step_started: (*running)[event.subject] = {event.text, {}}; break;
    case Event::Type::step_finished:
      running->erase(event.subject);
      console_.status(style_.green("✓ ") + event.text + " " + event.subject + took(event));
      break;
    case Event::Type::step_failed:
      running->erase(event.subject);
      console_.status(style_.red("✗ ") + (event.subject.empty() ? "" : event.subject + ": ") + event.text);
      break;
    case Event::Type::progress:
      progress_ = event.done < event.total
                      ? event.text + " " + std::to_string(event.done) + "/" + std::to_string(event.total)
                      : std::string();
      break;
    case Event::Type::uploaded:
    case Event::Type::trouble: break; // the error itself says it
    case Event::Type::problem:
      if (event.problem->severity != Severity::error) { // which ends the command and says it
        console_.status(style_.yellow("! ") + event.text + ": " + event.problem->detail);
      }
      break;
    case Event::Type::line: show_line(event, *running); break;
    case Event::Type::warning:
      console_.status(style_.yellow("! ") + (event.subject.empty() ? "" : event.subject + ": ") + event.text);
      break;
    }
    draw(*running);
  }

 private:
  struct Step {
    std::string verb;
    std::string detail;
  };

  using Steps = std::map<std::string, Step>;

  [[nodiscard]] std::string took(const Event& event) const {
    return event.took.count() < 100 ? std::string() : "  " + style_.dim(humanize(event.took));
  }

  void show_line(const Event& event, Steps& running) {
    const auto it = running.find(event.subject);
    if (console_.is_live() && it != running.end()) {
      it->second.detail = event.text;
    } else {
      console_.status("  " + (event.subject.empty() ? "" : event.subject + ": ") + event.text);
    }
  }

  void draw(const Steps& running) {
    if (!console_.is_live()) {
      return;
    }
    std::vector<std::string> lines;
    if (!progress_.empty()) {
      lines.push_back("  " + progress_);
    }
    for (const auto& [subject, step] : running) {
      auto line = "  " + step.verb + " " + subject;
      if (!step.detail.empty()) {
        line += ": " + step.detail;
      }
      lines.push_back(line.substr(0, line.find('\n')));
    }
    console_.live(std::move(lines));
  }

  Console& console_;
  Style style_;
  std::string progress_;
  Guarded<Steps> running_; ///< its lock also keeps events in order
};

} // namespace

std::unique_ptr<deploy::Observer> make_deploy_observer(Console& console) {
  return std::make_unique<ConsoleObserver>(console);
}

} // namespace pier::cli
