#include "cli/bundle/observer.hpp"

#include <array>
#include <string_view>

namespace pier::cli {
namespace {

using deploy::Event;

/// Phases that the official CLI tells too, with what it puts behind them.
struct Phase {
  std::string_view begin;
  std::string_view end;
};

constexpr std::array k_phases = {
    Phase{"uploading ", "..."},
    Phase{"building ", "..."},
    Phase{"executing ", ""},
};

std::string capitalized(std::string text) {
  if (!text.empty() && text.front() >= 'a' && text.front() <= 'z') {
    text.front() = static_cast<char>(text.front() - 'a' + 'A');
  }
  return text;
}

/// What becomes of an app is ticked off.
std::string line_of(const Event& event) {
  return event.subject.starts_with("apps.") ? "✓ " + capitalized(event.text) : event.text;
}

} // namespace

BundleObserver::BundleObserver(Console& console, bool progress, Tell tell, ReportProblem report)
    : console_(console),
      progress_(progress),
      tell_(std::move(tell)),
      report_(std::move(report)) {}

void BundleObserver::show_phase(const Event& event) {
  for (const auto& phase : k_phases) {
    if (progress_ && event.text.starts_with(phase.begin)) {
      console_.status(capitalized(event.text) + std::string(phase.end));
    }
  }
}

void BundleObserver::on_event(const Event& event) {
  switch (event.type) {
  case Event::Type::phase: show_phase(event); break;
  case Event::Type::line: console_.status(line_of(event)); break;
  case Event::Type::trouble: console_.status("Error: " + event.text); break;
  case Event::Type::warning: console_.remark(event.text); break;
  case Event::Type::problem: report_(*event.problem); break;
  case Event::Type::uploaded: files_ = Files{event.done, event.total}; break;
  case Event::Type::step_failed:
    if (event.error != nullptr) {
      tell_(*event.error);
    }
    break;
  default: break;
  }
}

} // namespace pier::cli
